// Start: time to the console's first useful frame with 10,000 sites, compared with a bundled Ink "hello" program.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { bundlePeer } from './bundle-peer.ts';
import { median, ms, printFigure, printHeadings } from './figures.ts';
import { seedSites } from './seed-sites.ts';

const SITES = 10_000;
const ROUNDS = 15;
const OURS = ['dist/aegir.js', '--read-only'];
const WANTED = 'site-00000';
/** Is in no source and so in no stack trace: a peer that fails must not look like a fast one. */
const GREETING = 'hello hello hello';
const HELLO = `const { createElement } = (await import('react')).default; const { render, Text } = await import('ink');
render(createElement(Text, null, 'hello '.repeat(3)), { alternateScreen: true, interactive: true });`;

const folder = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
try {
  seedSites(folder, SITES);
  const hello = await bundlePeer(folder, 'hello', HELLO);
  const ours: number[] = [];
  const peer: number[] = [];
  // A first run of both fills their caches of compiled code.
  await timeTo([hello], GREETING, {}, 1500);
  await timeTo(OURS, WANTED, { AEGIR_ROOT: folder, XDG_STATE_HOME: folder }, 1500);
  // Alternating, so that other load on the machine affects both.
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push(await timeTo([hello], GREETING, {}));
    ours.push(await timeTo(OURS, WANTED, { AEGIR_ROOT: folder, XDG_STATE_HOME: folder }));
  }
  printHeadings();
  const ratio = median(ours) / median(peer);
  printFigure(
    'start to first useful frame, 10,000 sites',
    ms(median(ours)),
    `${ms(median(peer))} (Ink hello)`,
    ratio.toFixed(2),
    '≤ 1.25',
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Milliseconds from starting a program in a terminal until a text is on its screen. */
function timeTo(args: string[], wanted: string, env: Record<string, string>, staysMs = 0): Promise<number> {
  const began = performance.now();
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn(process.execPath, args, {
    name: 'xterm-256color',
    cols: 80,
    rows: 24,
    cwd: process.cwd(),
    env: { ...inherited, ...env },
  });
  return new Promise((resolve, reject) => {
    let seen = '';
    let found = false;
    const limit = setTimeout(() => reject(new Error(`no "${wanted}" within 20 seconds: ${seen.slice(-500)}`)), 20_000);
    child.onData((data) => {
      seen += data;
      if (found || !seen.includes(wanted)) return;
      found = true;
      clearTimeout(limit);
      const took = performance.now() - began;
      child.onExit(() => resolve(took));
      setTimeout(() => child.kill('SIGKILL'), staysMs);
      seen = '';
    });
  });
}
