// Screen: the time from a key to its frame and its bytes, with 100,000 sites at 200x50, compared with a bare Ink list.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePeer } from './bundle-peer.ts';
import { median, ms, printFigure, printHeadings, quantile } from './figures.ts';
import { openScreen, type Screen } from './open-screen.ts';
import { seedSites } from './seed-sites.ts';

const SITES = 100_000;
/** A multiple of the moves down and up again, so that the next ones begin at the top. */
const MOVES = 320;
const FILTER = 'site-0999';
const [PAGE_DOWN, PAGE_UP] = ['\u001b[6~', '\u001b[5~'];
const LIST = `const { createElement: h, useState } = (await import('react')).default; const { render, Text, useInput } = await import('ink');
const names = Array.from({ length: ${SITES} }, (_, n) => 'site-' + String(n).padStart(6, '0') + '.example.org');
const rows = process.stdout.rows;
function List() {
  const [at, setAt] = useState(0);
  const [top, setTop] = useState(0);
  useInput((key) => {
    const next = key === 'j' ? Math.min(at + 1, names.length - 1) : Math.max(at - 1, 0);
    setAt(next);
    setTop(Math.max(next - rows + 1, Math.min(top, next)));
  });
  return names.slice(top, top + rows).map((name, n) => h(Text, { key: name, inverse: top + n === at }, name));
}
render(h(List), { alternateScreen: true, interactive: true, incrementalRendering: true });`;

const folder = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
try {
  seedSites(folder, SITES);
  const ours = await openScreen(['dist/aegir.js', '--read-only'], 'v verify', {
    AEGIR_ROOT: folder,
    XDG_STATE_HOME: folder,
  });
  const peer = await openScreen([await bundlePeer(folder, 'list', LIST)], 'site-000000', {});
  await warm(ours);
  await warm(peer);
  const [moves, peerMoves] = [await moveAbout(ours), await moveAbout(peer)];
  const filters = await filterKeys(ours);
  const pages = await pressAll(ours, [PAGE_DOWN, PAGE_DOWN, PAGE_UP, 'G', 'g', PAGE_DOWN, 'G', 'g']);
  const busy = await whileTasksRun([folder], () => moveAbout(ours));
  const ending = await whileTasksRun([folder, 'backups'], () => moveAbout(ours));
  const sorts = await pressAll(ours, ['o', 'O', 'o', 'O', 'o', 'O', 'o', 'O', 'o']);
  ours.end();
  peer.end();
  printHeadings();
  print('key to frame, p50', moves, peerMoves, 0.5, '');
  print('key to frame, p99', moves, peerMoves, 0.99, '≤ 16 ms');
  const [bytes, peerBytes] = [moves, peerMoves].map((keys) => median(keys.map((key) => key.bytes)));
  printFigure(
    'bytes for a move of the cursor, 200x50',
    String(bytes),
    `${peerBytes} (bare Ink list)`,
    ((bytes ?? 0) / (peerBytes ?? 1)).toFixed(2),
    '≤ 400',
  );
  const slowest = (keys: Key[]): string => ms(Math.max(...keys.map((key) => key.took)));
  printFigure('filtering while typing, slowest key', slowest(filters), '', '', '≤ 50 ms');
  print('the same while a task runs, p99', busy, peerMoves, 0.99, '≤ 16 ms');
  print('the same while backups end, p99', ending, peerMoves, 0.99, '≤ 16 ms');
  printFigure('page down, to the end, to the beginning, slowest', slowest(pages), '', '', '');
  printFigure('sort by a column, slowest key', slowest(sorts), '', '', '');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Key {
  took: number;
  bytes: number;
}

/** Moves down the first screen and up again, as people mostly do. Each key press waits for its site to be selected. */
async function moveAbout(screen: Screen): Promise<Key[]> {
  const pressed: Key[] = [];
  for (let number = 0, at = 0; number < MOVES; number += 1) {
    const down = Math.floor(number / 40) % 2 === 0;
    at += down ? 1 : -1;
    pressed.push(await screen.press(down ? 'j' : 'k', `site-${String(at).padStart(6, '0')}`));
  }
  return pressed;
}

/** Runs `work` while tasks change three times per second, as with a worker beside the console. */
async function whileTasksRun<T>(args: string[], work: () => Promise<T>): Promise<T> {
  // In another process, since a commit that waits for the disk would block the measurement here.
  const worker = spawn(process.execPath, ['bench/running-task.ts', ...args], { stdio: ['pipe', 'ignore', 'inherit'] });
  try {
    return await work();
  } finally {
    worker.stdin.end();
    await new Promise((resolve) => worker.once('exit', resolve));
  }
}

async function warm(screen: Screen): Promise<void> {
  await pressAll(screen, ['j', 'j', 'k', 'k', 'j', 'k', 'j', 'k', 'j', 'k']);
}

async function pressAll(screen: Screen, keys: Iterable<string>): Promise<Key[]> {
  const pressed: Key[] = [];
  for (const key of keys) pressed.push(await screen.press(key));
  return pressed;
}

async function filterKeys(screen: Screen): Promise<Key[]> {
  const keys: Key[] = [];
  for (let round = 0; round < 3; round += 1) {
    await screen.press('/');
    keys.push(...(await pressAll(screen, FILTER)));
    await screen.press('\u001b');
  }
  return keys;
}

function print(what: string, ours: Key[], peer: Key[], share: number, goal: string): void {
  const [one, other] = [ours, peer].map((keys) =>
    quantile(
      keys.map((key) => key.took),
      share,
    ),
  );
  if (one === undefined || other === undefined) return;
  printFigure(`${what}, 100,000 sites`, ms(one), `${ms(other)} (bare Ink list)`, (one / other).toFixed(2), goal);
}
