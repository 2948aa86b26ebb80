import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { findTask, type TaskRow } from '../../src/db/tasks.ts';
import type { ActOptions } from '../../src/provision/host/host.ts';
import type { RootActs, RootVerb } from '../../src/provision/host/root-acts.ts';
import { serviceOf } from '../../src/provision/model/context.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { serverContextOf } from '../../src/worker/contexts.ts';
import { queueTask } from '../../src/worker/queue.ts';
import type { WorkerDeps } from '../../src/worker/running.ts';
import { taskLogFiles } from '../../src/worker/task-log.ts';
import { testServices } from '../../src/worker/test-services.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { done, runTask, untilEnded } from '../support/run-task.ts';
import { phpBranch, type Stack } from '../support/stack.ts';

const uris = ['a.example.test', 'b.example.test', 'c.example.test'];

/** Sites of other CMSs beside them. */
const others = [
  { uri: 'blog.example.test', tree: () => debianTree(stack.root, 'wordpress') },
  ...givenTrees().map((path, place) => ({
    uri: `given${place}.example.test`,
    tree: async () => copyOf(stack.root, path),
  })),
];
const all = [...uris, ...others.map(({ uri }) => uri)];
let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

beforeAll(async () => {
  for (const name of ['one', 'two']) {
    const from = `path:${await debianTree(stack.root, 'spip', 'trixie')}`;
    expect(await runTask(root, 'platform.add', name, { from })).toMatchObject(done);
  }
  for (const uri of uris) expect(await runTask(root, 'site.install', uri, install(uri))).toMatchObject(done);
  for (const { uri, tree } of others) {
    const platform = uri.replace(/\..*/, '');
    expect(await runTask(root, 'platform.add', platform, { from: `path:${await tree()}` })).toMatchObject(done);
    expect(await runTask(root, 'site.install', uri, { ...install(uri), platform })).toMatchObject(done);
  }
}, 240_000);

const install = (title: string) => ({ platform: 'one', title, adminMail: 'a@example.test' });
const verify = () => queueTask(root.queue, { type: 'server.verify', object: 'server_master', args: {} });
const status = async (uri: string) => (await stack.fetch(`${uri}:${stack.port}`, '/')).status;
const handleOf = (uri: string): string => findSite(root.inventory, uri)?.handle ?? '';

/** A worker's surroundings that count how often configurations are tested and daemons reloaded. */
function counting(): { deps: WorkerDeps; counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  const add = (what: string): void => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  const hostFor: WorkerDeps['hostFor'] = (...given) => {
    const host = root.deps.hostFor(...given);
    return {
      ...host,
      ask(command) {
        if (command.args.includes('-t')) add(`test ${command.file}`);
        return host.ask(command);
      },
      act<V extends RootVerb>(verb: V, args: RootActs[V]['args'], live?: ActOptions) {
        if (verb === 'service.control') {
          const { service, action } = args as RootActs['service.control']['args'];
          add(`${action} ${service.pidFile}`);
        }
        return host.act(verb, args, live);
      },
    };
  };
  return { deps: { ...root.deps, hostFor }, counts };
}

/** Runs tasks side by side; `at` is called as a step begins. */
async function together(ids: () => number[], at: (step: string) => void = () => {}): Promise<TaskRow[]> {
  const worker = startWorker({ ...root.deps, onStep: (_id, step) => at(step) }, { concurrency: 3 });
  try {
    const ended: TaskRow[] = [];
    for (const id of ids()) ended.push(await untilEnded(root, id));
    return ended;
  } finally {
    await worker.drain();
  }
}

describe('server restart', () => {
  it.each(['http', 'php', 'db'])('stops %s and starts it again; the sites answer as before', async (service) => {
    const server = serverContextOf(root.inventory, root.paths.root, 'server_master');
    const driver = standardProgram.services.of(serviceOf(server, service as 'http' | 'php' | 'db'));
    const host = root.deps.hostFor(server, '');
    const before = await driver.startedMs(host, server);
    expect(await runTask(root, 'server.restart', 'server_master', { service })).toMatchObject(done);
    expect(await driver.startedMs(host, server)).toBeGreaterThan(before);
    for (const uri of all) expect(await status(uri)).toBe(200);
  });

  it('restarts nothing that would not start again, and says where the fault is', async () => {
    const server = serverContextOf(root.inventory, root.paths.root, 'server_master');
    const host = root.deps.hostFor(server, '');
    const before = await standardProgram.services.http(server).startedMs(host, server);
    const file = join(stack.paths.config, `nginx/site-${handleOf(uris[0] ?? '')}.conf`);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, `${text}\nnonsense;\n`);
    const [http] = await testServices(root, 'server_master').then((tests) =>
      tests.filter(({ kind }) => kind === 'http'),
    );
    expect(http?.refused).toMatchObject({ code: 'CONFIG_REFUSED', message: expect.stringContaining('nonsense') });
    const task = await runTask(root, 'server.restart', 'server_master', { service: 'http' });
    writeFileSync(file, text);
    expect(task).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('nonsense') } });
    expect(await standardProgram.services.http(server).startedMs(host, server)).toBe(before);
    expect(await status(uris[0] ?? '')).toBe(200);
  });
});

describe('server verify', () => {
  it('writes the files of all sites with one test and one reload of each daemon, whatever their CMS', async () => {
    for (const uri of all) {
      const file = join(stack.paths.config, `nginx/site-${handleOf(uri)}.conf`);
      writeFileSync(file, readFileSync(file, 'utf8').replace(/server_name [^;]*;/g, 'server_name wrong.test;'));
      const pool = join(stack.paths.config, `php/${phpBranch()}/site-${handleOf(uri)}.conf`);
      writeFileSync(pool, `${readFileSync(pool, 'utf8')}; changed by hand\n`);
    }
    const { deps, counts } = counting();
    const worker = startWorker(deps);
    expect(await untilEnded(root, verify())).toMatchObject(done);
    await worker.drain();
    expect(Object.values(counts)).toEqual([1, 1, 1, 1]);
    expect(Object.keys(counts).filter((what) => what.startsWith('test '))).toHaveLength(2);
    expect(Object.keys(counts).filter((what) => what.startsWith('reload '))).toHaveLength(2);
    for (const uri of all) expect(await status(uri)).toBe(200);
  });

  it('leaves a site alone that is being made, and one that waits to be', async () => {
    const ids: number[] = [];
    const ended = await together(() => {
      // Both wait when the worker looks: the verify is first.
      ids.push(verify());
      ids.push(queueTask(root.queue, { type: 'site.install', object: 'd.example.test', args: install('d') }));
      return ids;
    });
    expect(ended).toMatchObject([done, done]);
    expect(await status('d.example.test')).toBe(200);
  });

  it('waits for a site that moves, and does not write over where it has gone', async () => {
    const [uri = ''] = uris;
    let checked = 0;
    const migrate = queueTask(root.queue, { type: 'site.migrate', object: uri, args: { platform: 'two' } });
    const [moved] = await together(
      () => [migrate],
      (step) => {
        // Visitors are held from here on.
        if (step === 'copy-database') checked ||= verify();
      },
    );
    expect(checked).toBeGreaterThan(0);
    const [verified] = await together(() => [checked]);
    expect([moved, verified]).toMatchObject([done, done]);
    expect(Date.parse(verified?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(moved?.endedAt ?? ''));
    const vhost = readFileSync(join(stack.paths.config, `nginx/site-${handleOf(uri)}.conf`), 'utf8');
    const two = root.inventory.prepare<[], string>("SELECT root FROM platform WHERE name = 'two'").pluck().get();
    expect(vhost).toContain(`${two}`);
    expect(await status(uri)).toBe(200);
  });

  it('says which sites are not on this machine, and serves the others', async () => {
    const [, lost = '', ...others] = uris;
    const handle = handleOf(lost);
    const home = join(stack.paths.sites, handle);
    renameSync(home, `${home}-away`);
    rmSync(join(stack.paths.config, `php/${phpBranch()}/site-${handle}.conf`));
    execFileSync('userdel', [handle]);
    const id = verify();
    expect(await together(() => [id])).toMatchObject([done]);
    const log = readFileSync(taskLogFiles(stack.paths.taskLogs, id).lines, 'utf8');
    expect(log).toContain(`${lost} is left out: the user ${handle} is not on this machine`);
    for (const uri of others) expect(await status(uri)).toBe(200);
    expect(findTask(root.inventory, id)?.unfinished).toBeNull();
  });
});
