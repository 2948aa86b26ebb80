import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findSite } from '../../src/db/sites.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { done, runTask, untilEnded } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

async function install(uri: string, platform: string, tree: string): Promise<void> {
  expect(await runTask(root, 'platform.add', platform, { from: `path:${tree}` })).toMatchObject(done);
  const args = { platform, title: 'Late', adminMail: 'a@example.test' };
  expect(await runTask(root, 'site.install', uri, args)).toMatchObject(done);
}

/** A post of which the greater part is not sent yet; `finish` sends it and gives the status of the answer. */
async function beginPost(uri: string, path: string, body: string): Promise<{ finish(): Promise<number> }> {
  const socket = connect(stack.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (part) => {
    answer += part;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${uri}:${stack.port}`,
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 5)}`);
  // It is with the web server now.
  await sleep(200);
  return {
    async finish() {
      socket.write(body.slice(5));
      await closed;
      return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
    },
  };
}

/** Runs a task; `late` is done while visitors are held. */
async function whileHeld<T>(
  uri: string,
  type: string,
  args: Record<string, unknown>,
  late: () => Promise<T>,
): Promise<T> {
  const worker = startWorker(root.deps);
  const id = queueTask(root.queue, { type, object: uri, args });
  while ((await stack.fetch(`${uri}:${stack.port}`, '/')).status !== 503) await sleep(5);
  const held = (): boolean =>
    root.inventory
      .prepare<[number], string>(`SELECT state FROM step WHERE task_id = ? AND name = 'hold'`)
      .pluck()
      .get(id) === 'done';
  while (!held()) await sleep(5);
  const result = await late();
  expect(await untilEnded(root, id)).toMatchObject(done);
  await worker.drain();
  return result;
}

describe('what a visitor sends or asks for', () => {
  const uri = 'late.example.test';

  beforeAll(async () => {
    await install(uri, 'wp-1', await debianTree(stack.root, 'wordpress'));
    const from = `path:${await debianTree(stack.root, 'wordpress')}`;
    expect(await runTask(root, 'platform.add', 'wp-2', { from })).toMatchObject(done);
    // Several comments in a row are no flood here.
    const local = join(stack.paths.sites, findSite(root.inventory, uri)?.handle ?? '', 'releases/1/settings');
    const filter = `['comment_flood_filter' => [99 => [['accepted_args' => 0, 'function' => '__return_false']]]]`;
    const lines = `$wp_filter = ${filter};\nif (isset($_GET['slow'])) usleep(300000);\n`;
    appendFileSync(join(local, 'local.settings.php'), lines);
    expect(await runTask(root, 'site.backup', uri)).toMatchObject(done);
  }, 120_000);

  const comments = (): string[] => {
    const socket = socketOf(stack);
    const { handle, release } = findSite(root.inventory, uri) ?? { handle: '', release: 0 };
    const args = ['--socket', socket, '-N', '-e', 'SELECT comment_content FROM wp_comments', `${handle}r${release}`];
    return execFileSync('mariadb', args, { encoding: 'utf8' }).split('\n');
  };
  const beginComment = (comment: string) => {
    const fields = { comment, author: 'Visitor', email: 'v@example.test', comment_post_ID: '1' };
    return beginPost(uri, '/wp-comments-post.php', new URLSearchParams(fields).toString());
  };

  it('is taken when nothing happens: a comment', async () => {
    expect(await (await beginComment('in peace')).finish()).toBe(302);
    expect(comments()).toContain('in peace');
  });

  it.each([
    ['site.migrate', { platform: 'wp-2' }],
    ['site.back', {}],
    ['site.update', {}],
    ['site.restore', {}],
  ])(
    'is never lost in silence by %s, also when it was still being sent: it is told 503, or it is there',
    async (type, given) => {
      const args = type === 'site.restore' ? { backup: listBackups(root.inventory, uri).at(-1)?.name } : given;
      const [during, after] = [await beginComment(`during ${type}`), await beginComment(`after ${type}`)];
      expect(await whileHeld(uri, type, args, () => during.finish())).toBe(503);
      expect(comments()).not.toContain(`during ${type}`);
      if ((await after.finish()) < 400) expect(comments()).toContain(`after ${type}`);
      // Nothing of it is in the way of those who come now.
      expect(await (await beginComment(`now, with ${type}`)).finish()).toBe(302);
      expect(comments()).toContain(`now, with ${type}`);
    },
  );

  it('is answered while a release of before is removed', async () => {
    const answers: number[] = [];
    let on = true;
    const visitor = async (): Promise<void> => {
      while (on) answers.push((await stack.fetch(`${uri}:${stack.port}`, '/?slow')).status);
    };
    const visitors = [visitor(), visitor(), visitor()];
    const platform = (): string => (findSite(root.inventory, uri)?.platform === 'wp-1' ? 'wp-2' : 'wp-1');
    try {
      for (const [type, args] of [
        ['site.migrate', { platform: platform() }],
        ['site.forget', {}],
      ] as const) {
        await sleep(500);
        answers.length = 0;
        expect(await runTask(root, type, uri, args)).toMatchObject(done);
        // Each has asked once more since then.
        const later = answers.length + 2 * visitors.length;
        await expect.poll(() => answers.length).toBeGreaterThanOrEqual(later);
        expect([...new Set(answers)].toSorted(), type).toEqual(type === 'site.forget' ? [200] : [200, 503]);
      }
    } finally {
      on = false;
      await Promise.all(visitors);
    }
  });
});

describe.each([
  { name: 'spip', tree: () => debianTree(stack.root, 'spip', 'trixie') },
  ...givenTrees().map((path) => ({ name: basename(path), tree: async () => copyOf(stack.root, path) })),
])('what is still being sent to a site on $name', ({ name, tree }) => {
  it('when visitors are held is told 503, and taken again when they are let in', async () => {
    const uri = `${name.replaceAll(/[^a-z0-9]/g, '')}.example.test`;
    await install(uri, name, await tree());
    const late = await beginPost(uri, '/', 'some=thing');
    expect(await whileHeld(uri, 'site.update', {}, () => late.finish())).toBe(503);
    expect(await (await beginPost(uri, '/', 'some=thing')).finish()).toBe(200);
  });
});
