import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { saveServer } from '../../src/db/servers.ts';
import { findTask } from '../../src/db/tasks.ts';
import { commandLineOf } from '../../src/provision/host/local/processes.ts';
import { waitUntil } from '../../src/provision/host/local/wait.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { openRoot, type Root } from '../../src/worker/open-root.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { copyProgram, type ProgramCopy } from '../support/program-copy.ts';
import { seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

const NOW = '0.9.0';
const A_MINUTE = 60_000;
let program: ProgramCopy;
let root = '';
let terminal: Terminal | undefined;
let worker: ChildProcess | undefined;
let site: Server | undefined;
let opened: Root | undefined;

beforeAll(() => {
  program = copyProgram();
});
afterAll(() => program.remove());
afterEach(async () => {
  if (terminal) {
    try {
      terminal.kill('SIGKILL');
    } catch {
      // It has ended by itself.
    }
    await terminal.exit;
  }
  if (worker && worker.exitCode === null && worker.signalCode === null) {
    worker.kill('SIGKILL');
    await once(worker, 'exit');
  }
  site?.closeAllConnections();
  site?.close();
  opened?.inventory.close();
  [terminal, worker, site, opened] = [undefined, undefined, undefined, undefined];
  rmSync(root, { recursive: true, force: true });
});

const newRoot = (): string => {
  root = mkdtempSync(join(tmpdir(), 'aegir-update-'));
  return root;
};
const builds = (): string[] => readdirSync(join(program.folder, 'dist/builds')).toSorted();
const runs = (pid: number): string => commandLineOf(pid).join(' ');

describe('a program that is updated', () => {
  it('goes on under an open console, which loads what it has not shown yet and reopens with a key', async () => {
    const before = program.update(NOW);
    seedInventory(newRoot()).db.close();
    terminal = startTerminal({
      command: program.command,
      args: ['--root', root, '--read-only'],
      cols: 160,
      env: { XDG_STATE_HOME: join(root, 'state') },
    });
    await terminal.waitFor('shop.example.test');
    const { pid } = terminal;
    expect(runs(pid)).toContain(`/dist/builds/${before}/aegir.js`);
    const after = program.update('0.9.1');
    program.emptyPackages();
    await terminal.waitFor('newer program installed: U reopens');
    // What doctor looks at is loaded when somebody looks at it, and names the console itself.
    await terminal.press('3', 'enter', 'tab');
    await terminal.waitFor('Program version', A_MINUTE);
    await terminal.type('/version');
    await terminal.press('enter');
    await terminal.waitFor(new RegExp(`${after} is installed`));
    await terminal.press('U');
    await waitUntil(() => runs(pid).includes(after), A_MINUTE);
    // The same page of the same server, in the same process, with what was filtered by.
    await terminal.waitFor(/server_master .*\/version/, A_MINUTE);
    await terminal.waitFor(/Program version/, A_MINUTE);
    expect(terminal.text()).not.toContain('newer program installed');
    await terminal.press('ctrl-c', 'ctrl-c');
    expect((await terminal.exit).code).toBe(0);
  }, 180_000);

  it('goes on as the new one between two tasks of a worker, in the same process', async () => {
    const before = program.update(NOW);
    const asked: ServerResponse[] = [];
    site = createServer((_request, response) => asked.push(response)).listen(0, '127.0.0.1');
    await once(site, 'listening');
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/code.tar.gz`;
    opened = rootForPlatforms(newRoot());
    const queue = { ...opened, actor: { actor: 'root', sudoUser: null, sshClient: null }, readOnly: false };
    const add = (object: string): number =>
      queueTask(queue, { type: 'platform.add', object, args: { from: `archive:${url}`, sha256: 'a'.repeat(64) } });
    const state = (id: number): string | undefined => opened && findTask(opened.inventory, id)?.state;
    let said = '';
    worker = spawn(program.command, ['--root', root, 'worker'], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (text) => (said += text));
    const pid = worker.pid ?? 0;
    const first = add('one');
    await waitUntil(() => asked.length === 1, A_MINUTE);
    const after = program.update('0.9.2');
    await waitUntil(() => said.includes('tasks to wait for: 1'), A_MINUTE);
    expect(said).toContain(`the program was updated to ${after}; running tasks to wait for: 1`);
    // It takes no new one meanwhile, and status says what runs.
    const second = add('two');
    expect(status()).toContain(
      `process ${pid} (aegir --root ${root} worker); it runs ${before}, but ${after} is installed`,
    );
    expect([state(first), state(second), runs(pid).includes(before)]).toEqual(['running', 'queued', true]);
    asked[0]?.end('no archive');
    await waitUntil(() => runs(pid).includes(after), A_MINUTE);
    await waitUntil(() => asked.length === 2, A_MINUTE);
    expect(state(first)).toBe('failed');
    expect(said).toContain(`runs as process ${pid} (${after})`);
    expect(status()).not.toContain('is installed');
    asked[1]?.end('no archive');
    await waitUntil(() => state(second) === 'failed', A_MINUTE);
    worker.kill('SIGTERM');
    expect((await once(worker, 'exit'))[0]).toBe(0);
  }, 180_000);
});

describe('a build', () => {
  it('of the same code is the same, and one that cannot start changes nothing', () => {
    const id = program.update(NOW);
    expect(id).toMatch(/^0\.9\.0-[0-9a-f]{12}$/);
    expect(program.build()).toBe(id);
    const main = join(program.folder, 'src/main.ts');
    const text = readFileSync(main, 'utf8');
    writeFileSync(main, `throw new Error('as asked');\n${text}`);
    expect(() => program.build()).toThrow(/BUILD_FAILED the new build does not start: .*as asked/s);
    writeFileSync(main, `this is no code;\n${text}`);
    expect(() => program.build()).toThrow(/BUILD_FAILED/);
    writeFileSync(main, text);
    expect(program.build()).toBe(id);
    expect(builds().filter((name) => name.startsWith('.'))).toEqual([]);
    expect(execFileSync(program.command, ['--version'], { encoding: 'utf8' })).toBe(`${NOW}\n`);
  }, 120_000);

  it('that was replaced is removed when nothing runs it any more, but for the one before', async () => {
    const old = program.update('0.9.3');
    const used = program.update('0.9.4');
    terminal = startTerminal({ command: program.command, args: ['--root', newRoot()] });
    await terminal.waitFor('This machine is not set up');
    const before = program.update('0.9.5');
    const hoursAgo = new Date(Date.now() - 3 * 3_600_000);
    for (const name of builds()) utimesSync(join(program.folder, 'dist/builds', name), hoursAgo, hoursAgo);
    const last = program.update('0.9.6');
    expect(builds()).toEqual([used, before, last]);
    expect(builds()).not.toContain(old);
    terminal.kill('SIGKILL');
    await terminal.exit;
    // As an hour later.
    utimesSync(join(program.folder, 'dist/builds', used), hoursAgo, hoursAgo);
    program.build();
    expect(builds()).toEqual([before, last]);
    expect(existsSync(join(program.folder, 'dist/aegir.js'))).toBe(true);
  }, 180_000);
});

const status = (): string => execFileSync(program.command, ['--root', root, 'status'], { encoding: 'utf8' });

/** A root on which platforms can be fetched, and nothing else works. */
function rootForPlatforms(folder: string): Root {
  const made = openRoot(rootPaths(folder), standardProgram);
  for (const path of [made.paths.platforms, made.paths.cache]) mkdirSync(path);
  // What a trial has; nothing of it is started.
  const services = [
    { kind: 'http' as const, driver: 'node', version: '', settings: { address: '127.0.0.1', port: 1 } },
    { kind: 'php' as const, driver: 'wasm', version: '8.4', settings: { packages: folder, branch: '8.4' } },
    { kind: 'db' as const, driver: 'sqlite', version: '3', settings: {} },
  ];
  saveServer(made.inventory, { name: 'server_master', handlePrefix: 'aeg', uidBase: 0, webUser: 'root', services });
  return made;
}
