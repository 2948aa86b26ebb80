import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { listSteps } from '../../src/db/journal.ts';
import { findSite } from '../../src/db/sites.ts';
import { processFact, processIds } from '../../src/provision/host/local/processes.ts';
import { siteLogFolder } from '../../src/provision/model/paths.ts';
import { openFileSource } from '../../src/state/log/file.ts';
import { listSiteLogs } from '../../src/state/log/site-logs.ts';
import { cancelTask, queueTask } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { done, runTask, untilEnded } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';
import { startTerminal } from '../support/terminal.ts';

vi.mock('../../src/provision/host/makers/local.ts', async () => {
  const { childHost } = await import('../../src/provision/host/makers/child.ts');
  return { localHost: childHost };
});
// This process has no acts: what has happened, another has done.
vi.mock('../../src/provision/host/acts/registry.ts', () => ({
  checkedAct: () => {
    throw new Error('this process has acted itself');
  },
}));

let stack: Stack;
let root: StackRoot;
onOwnServer((own) => {
  ({ stack, root } = own);
});

const uri = 'far.example.test';
const run = (type: string, args: Record<string, unknown> = {}) => runTask(root, `site.${type}`, uri, args);
const page = async (): Promise<string> => (await stack.fetch(uri, '/')).body;
const home = (): string => join(root.paths.sites, findSite(root.inventory, uri)?.handle ?? '');

/** The processes that act for this one. */
const children = (): number[] =>
  processIds().filter((pid) => {
    const fact = processFact(pid);
    if (fact?.parent !== process.pid || fact.state === 'Z') return false;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('serve-acts');
  });

/** Runs a backup whose host stands still from one of its steps on, until something was done. */
async function backupWith(what: (task: number) => void): Promise<ReturnType<typeof untilEnded>> {
  let still: number[] | undefined;
  const onStep = (task: number, step: string, phase: string): void => {
    if (still || step !== 'save' || phase === 'undo') return;
    still = children();
    signal(still, 'SIGSTOP');
    setTimeout(() => {
      what(task);
      signal(still ?? [], 'SIGCONT');
    }, 300);
  };
  const worker = startWorker({ ...root.deps, onStep });
  try {
    return await untilEnded(root, queueTask(root.queue, { type: 'site.backup', object: uri, args: {} }));
  } finally {
    await worker.drain();
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) if (processFact(pid)) process.kill(pid, name);
}

describe('the life of a site on a host that is another process', () => {
  beforeAll(async () => {
    const from = `path:${await debianTree(stack.root, 'spip', 'trixie')}`;
    expect(await runTask(root, 'platform.add', 'code', { from })).toMatchObject(done);
    const install = { platform: 'code', title: 'First', adminMail: 'a@example.test' };
    expect(await run('install', install)).toMatchObject(done);
  }, 240_000);

  it('it is installed and answers', async () => {
    expect(await page()).toContain('First');
    expect(children()).not.toEqual([]);
  });

  it('its database and files are saved, and come back', async () => {
    const picture = join(home(), 'data/files/IMG/picture.txt');
    const made = await stack.host.act(
      'user.run',
      {
        ...{ user: findSite(root.inventory, uri)?.handle ?? '', file: '/bin/sh', cwd: join(home(), 'data/files/IMG') },
        args: ['-c', 'cat > picture.txt'],
      },
      { input: 'a picture' },
    );
    expect(made.code).toBe(0);
    expect(await run('backup')).toMatchObject(done);
    const [backup] = listBackups(root.inventory, uri);
    expect(backup?.site.filesBytes).toBeGreaterThan(0);
    writeFileSync(picture, 'another');
    expect(await run('restore', { backup: backup?.name })).toMatchObject(done);
    expect(readFileSync(picture, 'utf8')).toBe('a picture');
    expect(statSync(picture).uid).toBe(statSync(join(home(), 'data/files/IMG')).uid);
    expect(await page()).toContain('First');
  });

  it('a task that is cancelled while it runs goes back', async () => {
    const backups = readdirSync(root.paths.backups).sort();
    const task = await backupWith((id) => cancelTask(root.queue, id));
    expect(task).toMatchObject({ state: 'cancelled', unfinished: null });
    expect(readdirSync(root.paths.backups).sort()).toEqual(backups);
    expect(await page()).toContain('First');
  });

  it('a task whose host goes away fails with that, and goes back with the next one', async () => {
    const backups = readdirSync(root.paths.backups).sort();
    const task = await backupWith(() => signal(children(), 'SIGKILL'));
    expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'HOST_LOST' } });
    expect(readdirSync(root.paths.backups).sort()).toEqual(backups);
    expect(listSteps(root.inventory, task.id).map(({ state }) => state)).toContain('undone');
    expect(await run('verify')).toMatchObject(done);
  });

  it('its logs are read there', async () => {
    const { handle = '' } = findSite(root.inventory, uri) ?? {};
    const [log] = (await listSiteLogs(stack.host, root.paths, { uri, handle })).filter(({ bytes }) => bytes > 0);
    const source = openFileSource(stack.host, join(siteLogFolder(root.paths, handle), log?.file ?? ''));
    expect(await source.refresh()).toBe(true);
    expect(source.end() - source.first() + Number(!source.whole())).toBeGreaterThan(0);
    source.close();
  });

  it('a person works there on their own terminal', async () => {
    const { handle = '' } = findSite(root.inventory, uri) ?? {};
    const script = join(import.meta.dirname, '../support/terminal-over-wire.ts');
    const args = [script, JSON.stringify(stack.policy), handle];
    const terminal = startTerminal({ command: process.execPath, args });
    await terminal.waitFor(/on a terminal as aegtest/);
    await terminal.type('a line\r');
    await terminal.waitFor(/got a line/);
    expect((await terminal.exit).code).toBe(7);
  });

  it('it is deleted, and nothing of it stays', async () => {
    const { handle = '' } = findSite(root.inventory, uri) ?? {};
    expect(await run('delete', { backup: 'no' })).toMatchObject(done);
    expect(await stack.host.account(handle)).toBeUndefined();
    expect(readdirSync(root.paths.sites)).toEqual([]);
    const left = await stack.host.act('db.list', { socket: socketOf(stack), prefix: handle });
    expect({ databases: left.databases, accounts: left.accounts }).toEqual({ databases: [], accounts: [] });
  });
});
