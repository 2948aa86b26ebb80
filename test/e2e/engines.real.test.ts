import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { listSteps } from '../../src/db/journal.ts';
import { findSite } from '../../src/db/sites.ts';
import { ringBell } from '../../src/worker/bell.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { runTask, untilEnded } from '../support/run-task.ts';
import type { Stack } from '../support/stack.ts';
import { tracesOf } from '../support/traces.ts';

const run = promisify(execFile);
const TITLE = `Café 'n "Co" 🛒`;

/** What is tried: code from Debian's packages, and trees of a CMS that has none. */
const codes: { name: string; tree(): Promise<string> }[] = [
  { name: 'wordpress', tree: () => debianTree(stack.root, 'wordpress') },
  { name: 'spip', tree: () => debianTree(stack.root, 'spip', 'trixie') },
  ...givenTrees().map((path) => ({ name: basename(path), tree: async () => copyOf(stack.root, path) })),
];

let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

describe.each(codes)('a site on $name', ({ name, tree }) => {
  const uri = `${name.replaceAll(/[^a-z0-9]/g, '')}.example.test`;
  const host = (): string => `${uri}:${stack.port}`;
  let folder = '';

  beforeAll(async () => {
    folder = await tree();
    expect(await runTask(root, 'platform.add', name, { from: `path:${folder}` })).toMatchObject({ error: null });
  });

  it('is installed and shows its title as it was typed (pain 25)', async () => {
    const args = { platform: name, title: TITLE, adminMail: 'a@example.test' };
    expect(await runTask(root, 'site.install', uri, args)).toMatchObject({ error: null, state: 'succeeded' });
    const page = await stack.fetch(host(), '/');
    expect(page.status).toBe(200);
    expect(plain(page.body)).toContain('Café');
    expect(plain(page.body)).toContain('🛒');
  });

  it('logs in once by its link, and not twice', async () => {
    const { result } = await runTask(root, 'site.login', uri);
    const link = new URL(String(result.url));
    const first = await stack.fetch(host(), link.pathname + link.search);
    expect(first.status).toBe(302);
    expect(JSON.stringify(first.headers)).toMatch(/session|SESS|wordpress_logged_in/);
    const second = await stack.fetch(host(), link.pathname + link.search);
    expect(JSON.stringify(second.headers)).not.toMatch(/wordpress_logged_in|spip_session=1|user\/1\/edit/);
    expect(Date.parse(String(result.expiresAt))).toBeGreaterThan(Date.now());
  });

  it('verifies, and mends modes and owners that were set wrong by hand', async () => {
    const { handle, uid } = findSite(root.inventory, uri) ?? { handle: '', uid: 0 };
    const home = join(stack.paths.sites, handle);
    const privateFolder = join(home, 'data/private');
    chmodSync(privateFolder, 0o777);
    chownSync(join(home, 'releases/1/config'), 0, 0);
    expect(await runTask(root, 'site.verify', uri)).toMatchObject({ error: null, state: 'succeeded' });
    expect(statSync(privateFolder).mode & 0o777).toBe(0o700);
    expect(statSync(join(home, 'releases/1/config')).uid).toBe(uid);
  });

  it('shows nothing of its settings, and its user cannot change settings or code', async () => {
    const { handle } = findSite(root.inventory, uri) ?? { handle: '' };
    const settings = join(stack.paths.sites, handle, 'releases/1/settings');
    for (const path of [
      '/wp-config.php',
      '/config/connect.php',
      `/sites/${uri}/settings.php`,
      `/sites/${uri}/connect.php`,
      '/.git/config',
    ]) {
      expect((await stack.fetch(host(), path)).body).not.toMatch(/DB_NAME|spip_connect_db|hash_salt|databases/);
    }
    for (const path of [join(settings, 'planted.php'), join(folder, 'planted.php')]) {
      await expect(
        run('setpriv', ['--reuid', handle, '--regid', handle, '--clear-groups', 'touch', path]),
      ).rejects.toThrow(/denied/);
    }
  });

  it('that is deleted leaves nothing, and its platform neither', async () => {
    const { handle } = findSite(root.inventory, uri) ?? { handle: '' };
    expect(await runTask(root, 'site.delete', uri)).toMatchObject({ state: 'succeeded', unfinished: null });
    expect(await tracesOf(stack, root, { handle, uri }, [folder])).toEqual([]);
    expect(await runTask(root, 'platform.delete', name)).toMatchObject({ state: 'succeeded', unfinished: null });
    expect(existsSync(folder)).toBe(true);
  });
});

describe('a site that cannot be installed', () => {
  beforeAll(async () => {
    await runTask(root, 'platform.add', 'code', { from: `path:${await debianTree(stack.root, 'wordpress')}` });
  });

  it('because of a broken file of somebody in the web server: says which, and leaves nothing', async () => {
    const broken = join(stack.paths.config, 'nginx/zz-mine.conf');
    writeFileSync(broken, 'this is no configuration;\n');
    const task = await runTask(root, 'site.install', 'broken.example.test', {
      platform: 'code',
      adminMail: 'a@example.test',
    });
    rmSync(broken);
    expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'CONFIG_REFUSED' } });
    expect(JSON.stringify(task.error)).toContain('zz-mine.conf');
    expect(await gone('broken.example.test')).toEqual([]);
  });

  it('because its code dies: says where, and leaves nothing', async () => {
    const copy = await debianTree(stack.root, 'wordpress');
    await runTask(root, 'platform.add', 'dying', { from: `path:${copy}` });
    writeFileSync(join(copy, 'wp-includes/functions.php'), '<?php\nthrow new Error("dead on purpose");\n');
    const task = await runTask(root, 'site.install', 'dying.example.test', {
      platform: 'dying',
      adminMail: 'a@example.test',
    });
    expect(task).toMatchObject({ state: 'failed', error: { code: 'PROGRAM_FAILED' } });
    expect(task.error?.message).toContain('dead on purpose');
    expect(await gone('dying.example.test')).toEqual([]);
  });

  it('because its installer prints a page and ends well: is not believed', async () => {
    const copy = await debianTree(stack.root, 'wordpress');
    await runTask(root, 'platform.add', 'printing', { from: `path:${copy}` });
    writeFileSync(
      join(copy, 'wp-admin/includes/upgrade.php'),
      '<?php\necho "<h1>Everything is fine</h1>";\nexit(0);\n',
    );
    const task = await runTask(root, 'site.install', 'printing.example.test', {
      platform: 'printing',
      adminMail: 'a@example.test',
    });
    expect(task).toMatchObject({ state: 'failed', error: { code: 'PROGRAM_FAILED' } });
    expect(task.error?.message).toContain('Everything is fine');
    expect(await gone('printing.example.test')).toEqual([]);
  });

  it('because it was cancelled in the middle: is undone', async () => {
    const uri = 'cancelled.example.test';
    const worker = startWorker({
      ...root.deps,
      onStep(id, step) {
        if (step === 'installer')
          root.inventory.prepare(`UPDATE task SET cancel_requested_at = 'now' WHERE id = ?`).run(id);
      },
    });
    const id = queueTask(root.queue, {
      type: 'site.install',
      object: uri,
      args: { platform: 'code', adminMail: 'a@example.test' },
    });
    // The cancel is heard with the next ring.
    const ringing = setInterval(() => ringBell(stack.paths.bell), 20);
    const task = await untilEnded(root, id);
    clearInterval(ringing);
    await worker.drain();
    expect(task.state).toBe('cancelled');
    expect(listSteps(root.inventory, id).filter((step) => step.state === 'done' && step.phase === 'apply')).toEqual([]);
    expect(await gone(uri)).toEqual([]);
  });
});

it.skipIf(givenTrees().length === 0)('a CMS without a Debian package is tried too (needs AEGIR_TEST_PLATFORMS)', () => {
  expect(codes.length).toBeGreaterThan(2);
});

/** A tree that a test may break, root's throughout. */
/** What is left of a site that was not installed. Its handle was the last one given. */
async function gone(uri: string): Promise<string[]> {
  const handle =
    root.inventory.prepare<[], string>('SELECT handle FROM handle ORDER BY number DESC LIMIT 1').pluck().get() ?? '';
  return tracesOf(stack, root, { handle, uri });
}

const plain = (html: string): string => html.replaceAll(/&#0?39;|&#8217;/g, "'").replaceAll(/&quot;|&#034;/g, '"');
