// Idle: what the console sends and uses while nothing happens, compared with a bare list made with Ink.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundlePeer } from './bundle-peer.ts';
import { printFigure, printHeadings } from './figures.ts';
import { openScreen } from './open-screen.ts';
import { seedSites } from './seed-sites.ts';

const SITES = 10_000;
/** More than a minute, to include work that is done once a minute. */
const WATCHED_S = 75;
/** Clock ticks per second in /proc/PID/stat (proc(5)): 100 on Linux. */
const TICKS = 100;
const LIST = `const { createElement: h } = (await import('react')).default; const { render, Text, useInput } = await import('ink');
const names = Array.from({ length: ${SITES} }, (_, n) => 'site-' + String(n).padStart(6, '0') + '.example.org');
function List() { useInput(() => {}); return names.slice(0, 50).map((name) => h(Text, { key: name }, name)); }
render(h(List), { alternateScreen: true, interactive: true, incrementalRendering: true });`;

const folder = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
try {
  seedSites(folder, SITES);
  const ours = await watch(['dist/aegir.js'], 'new');
  const peer = await watch([await bundlePeer(folder, 'list', LIST)], 'site-000000');
  printHeadings();
  const figure = (what: string, of: (used: Used) => number, unit: string, goal: string): void =>
    printFigure(`${what}, ${WATCHED_S} s idle`, `${of(ours)} ${unit}`, `${of(peer)} ${unit} (bare Ink list)`, '', goal);
  figure('bytes sent', (used) => used.bytes, 'B', '0');
  figure('processor', (used) => used.percent, '%', '≤ 0.2 %');
  figure('memory, 10,000 sites', (used) => used.megabytes, 'MB', '≤ 100 MB');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Used {
  bytes: number;
  /** CPU time, in percent of one core. */
  percent: number;
  megabytes: number;
}

async function watch(args: string[], wanted: string): Promise<Used> {
  const screen = await openScreen(args, wanted, { AEGIR_ROOT: folder, XDG_STATE_HOME: folder });
  // Work after the start (services, the cache of compiled code) is not counted as idle.
  await rest(8000);
  const [bytes, ticks] = [screen.bytes(), ticksOf(screen.pid)];
  await rest(WATCHED_S * 1000);
  const used = {
    bytes: screen.bytes() - bytes,
    percent: Math.round(((ticksOf(screen.pid) - ticks) / TICKS / WATCHED_S) * 10_000) / 100,
    megabytes: Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(proc(screen.pid, 'status'))?.[1]) / 1000),
  };
  screen.end();
  return used;
}

function proc(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}

/** Time in user and system mode, fields 14 and 15 of proc(5); the name before them may contain spaces. */
function ticksOf(pid: number): number {
  const fields = proc(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
