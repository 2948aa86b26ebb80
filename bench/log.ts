// Logs: opening one with a million lines, compared with less, and following one that grows at full speed, with tail -F.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { findSite } from '../src/db/sites.ts';
import { siteLogFolder } from '../src/provision/model/paths.ts';
import { taskLogFiles } from '../src/worker/task-log.ts';
import { seedInventory } from '../test/support/seed-inventory.ts';
import { median, ms, printFigure, printHeadings } from './figures.ts';

const LINES = 1_000_000;
const ROUNDS = 5;
const RATE = 100_000;
const SECONDS = 5;
const THE_END = 'the-end-of-the-log';
const site = 'blog.example.test';
const writer = join(import.meta.dirname, 'log-writer.ts');

const folder = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
const started: pty.IPty[] = [];
let ends = 0;
try {
  const { db, paths, running } = seedInventory(folder, { logLines: [] });
  const file = join(siteLogFolder(paths, findSite(db, site)?.handle ?? ''), 'access.log');
  mkdirSync(dirname(file), { recursive: true });
  db.close();
  const taskLog = taskLogFiles(paths.taskLogs, running);
  const toTask = ['task', paths.taskLogs, String(running)] as const;
  const toFile = ['file', file] as const;
  execFileSync(process.execPath, writing(toTask, LINES, 0, THE_END));
  execFileSync(process.execPath, writing(toFile, LINES, 0, THE_END));

  printHeadings();
  const console = await openConsole();
  const toSites = () => console.press('1', 'shop.example.test');
  await printOpening('task', () => console.go(`log ${running}`), taskLog.lines, toSites);
  const toLogs = async (): Promise<void> => {
    await toSites();
    await console.go(`site ${site}`, 'No tasks yet');
    // Backups, packages, aliases, logs.
    for (const wanted of ['', '', '', 'access.log']) await console.press('\t', wanted);
  };
  await printOpening('service', () => console.press('\r'), file, toLogs);

  await printSearch(console, file);

  await printStreaming('service', console, toFile, file);
  truncateSync(taskLog.lines, 0);
  truncateSync(taskLog.index, 0);
  const other = await openConsole();
  await other.go(`log ${running}`, 'Nothing is logged');
  // The log on the whole page: as many lines as there can be.
  await other.press('z', '── Log');
  await printStreaming('task', other, toTask, taskLog.lines);
} finally {
  for (const program of started) program.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** Arguments of the writer. */
function writing([kind, ...place]: readonly string[], count: number, rate: number, end: string): string[] {
  return [writer, String(kind), String(count), String(rate), end, ...place];
}

/** A program in a terminal of 80×24. */
interface Program {
  pid: number;
  /** Bytes that it wrote. */
  bytes(): number;
  /** Sends keys; returns the milliseconds until a text is on the screen. */
  press(keys: string, wanted?: string): Promise<number>;
  /** Returns the milliseconds until a text is on the screen. */
  until(wanted: string): Promise<number>;
  end(): void;
}

/** Starts a program. An emulator reads its screen, unless the program writes too much for an emulator. */
function startProgram(command: string, args: string[], emulated = true): Program {
  const { CI: _ci, SSH_CONNECTION: _ssh, ...inherited } = process.env;
  const env = { ...inherited, LANG: 'C.UTF-8', AEGIR_ROOT: folder, LESS: '', LESSHISTFILE: '-' };
  const child = pty.spawn(command, args, { name: 'xterm-256color', cols: 80, rows: 24, cwd: process.cwd(), env });
  started.push(child);
  const emulator = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  let bytes = 0;
  let recent = '';
  let look = (): void => {};
  const screen = (): string =>
    Array.from({ length: 24 }, (_, row) => {
      const { active } = emulator.buffer;
      return active.getLine(active.baseY + row)?.translateToString(true) ?? '';
    }).join('\n');
  child.onData((data) => {
    bytes += data.length;
    recent = (recent + data).slice(-1000);
    if (emulated) emulator.write(data, () => look());
    else look();
  });
  const until = (wanted: string): Promise<number> => {
    const began = performance.now();
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no "${wanted}" on the screen:\n${screen()}`)), 60_000);
      look = () => {
        if (!(emulated ? screen() : recent).includes(wanted)) return;
        clearTimeout(limit);
        look = () => {};
        resolve(performance.now() - began);
      };
      look();
    });
  };
  return {
    pid: child.pid,
    bytes: () => bytes,
    until,
    press(keys, wanted = THE_END) {
      child.write(keys);
      return until(wanted);
    },
    end: () => child.kill('SIGKILL'),
  };
}

type Console = Program & { go(line: string, wanted?: string): Promise<number> };

async function openConsole(): Promise<Console> {
  const program = startProgram(process.execPath, ['dist/aegir.js', '--read-only']);
  await program.until('shop.example.test');
  await program.until('v verify');
  return {
    ...program,
    async go(line, wanted) {
      await program.press(`:${line}`, `:${line}`);
      // A person does not type faster than the console draws.
      await pause(100);
      return program.press('\r', wanted);
    },
  };
}

/** Opening: the time from the key press to the last line on the screen; for less, from its start. */
async function printOpening(
  kind: string,
  open: () => Promise<number>,
  file: string,
  before: () => Promise<unknown>,
): Promise<void> {
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await before();
    await pause(200);
    ours.push(await open());
    await pause(1500);
    const less = startProgram('less', ['+G', file]);
    peer.push(await less.until(THE_END));
    less.end();
  }
  const [one, other] = [median(ours), median(peer)];
  const what = `open a ${kind}'s log of 1,000,000 lines`;
  printFigure(what, ms(one), `${ms(other)} (less +G)`, (one / other).toFixed(2), '≤ 100 ms');
}

/** Searches a text that does not occur, so every line is read; includes the frame with the result. */
async function printSearch(program: Program, file: string): Promise<void> {
  const nowhere = 'zebra-crossing';
  await program.press(`/${nowhere}`, nowhere);
  const ours = await program.press('\r', 'No more lines');
  const began = performance.now();
  spawnSync('grep', ['-ic', nowhere, file]);
  const peer = performance.now() - began;
  printFigure('search 1,000,000 lines', ms(ours), `${ms(peer)} (grep -i)`, (ours / peer).toFixed(2), '');
}

/** Follows a million lines written at full speed, then a steady stream; the same with tail. */
async function printStreaming(kind: string, program: Program, to: readonly string[], file: string): Promise<void> {
  const tail = startProgram('tail', ['-n', '1', '-F', file], false);
  const [ours, peer] = [await follow(program, to, LINES, 0), await follow(tail, to, LINES, 0)];
  const steady = await follow(program, to, RATE * SECONDS, RATE);
  const steadyPeer = await follow(tail, to, RATE * SECONDS, RATE);
  tail.end();
  const held = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${program.pid}/status`, 'utf8'))?.[1]) / 1000;
  const print = (what: string, one: number, other: number, goal: string): void => {
    const shown = (value: number): string => Math.round(value).toLocaleString('en');
    printFigure(what, shown(one), `${shown(other)} (tail -F)`, (one / other).toPrecision(2), goal);
  };
  print(`follow a ${kind}'s log: lines per second`, ours.lines, peer.lines, '≥ 50,000');
  const what = `  bytes per second, ${RATE.toLocaleString('en')} lines per second`;
  print(what, steady.bytes, steadyPeer.bytes, '≤ 10,000');
  printFigure('  maximum memory', `${Math.round(held)} MB`, '', '', '≤ 150 MB');
}

/** Lines and bytes per second, from the first line written to the last one on the screen. */
async function follow(
  program: Program,
  to: readonly string[],
  count: number,
  rate: number,
): Promise<{ lines: number; bytes: number }> {
  const before = program.bytes();
  const began = performance.now();
  // A new end line each time, since the previous one is still on the screen.
  const end = `${THE_END}-${++ends}`;
  const child = spawn(process.execPath, writing(to, count, rate, end), { stdio: 'inherit' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await program.until(end);
  const seconds = (performance.now() - began) / 1000;
  await ended;
  return { lines: count / seconds, bytes: (program.bytes() - before) / seconds };
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
