// Start: cold start of the console to its first useful frame with 10,000 sites, beside a bundled Ink hello.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { build } from 'esbuild';
import { clientId } from '../src/db/clients.ts';
import { openInventory, transact } from '../src/db/inventory.ts';
import { insertPlatform, updatePlatform } from '../src/db/platforms.ts';
import { saveServer } from '../src/db/servers.ts';
import { insertSite, updateSite } from '../src/db/sites.ts';
import { median, ms, printFigure, printHeadings } from './figures.ts';

const SITES = 10_000;
const ROUNDS = 15;
const OURS = ['dist/aegir.js', '--read-only'];
const WANTED = 'site-0000';

const folder = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
try {
  seed();
  const hello = await bundleHello();
  const ours: number[] = [];
  const peer: number[] = [];
  // Once before, so that both have kept what they compile.
  await timeTo([hello], 'hello', {}, 1500);
  await timeTo(OURS, WANTED, { AEGIR_ROOT: folder }, 1500);
  // In turns, so that what else the machine does meets both.
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push(await timeTo([hello], 'hello', {}));
    ours.push(await timeTo(OURS, WANTED, { AEGIR_ROOT: folder }));
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

function seed(): void {
  const db = openInventory(join(folder, 'inventory.sqlite'));
  saveServer(db, { name: 'server_master', handlePrefix: 'aeg', uidBase: 20_000, webUser: 'www-data', services: [] });
  insertPlatform(db, {
    name: 'code',
    server: 'server_master',
    root: '/srv/code',
    source: 'path:/srv/code',
    managed: false,
  });
  updatePlatform(db, 'code', {
    state: 'ready',
    engine: 'some',
    version: '1.0',
    profiles: [{ name: 'default', title: 'Default' }],
  });
  const client = clientId(db, 'admin') ?? 1;
  transact(db, () => {
    for (let number = 0; number < SITES; number += 1) {
      const uri = `site-${String(number).padStart(5, '0')}.example.org`;
      insertSite(db, {
        uri,
        platform: 'code',
        clientId: client,
        title: uri,
        profile: 'default',
        language: 'en',
        adminName: 'admin',
        adminMail: 'a@example.org',
        php: { memoryMb: 256, uploadMb: 64, children: 5, timeS: 60 },
        databaseDriver: 'mariadb',
        handlePrefix: 'aeg',
        uidBase: 20_000,
      });
      updateSite(db, uri, { state: 'enabled' });
    }
  });
  db.close();
}

async function bundleHello(): Promise<string> {
  const source = join(folder, 'hello.mjs');
  writeFileSync(
    source,
    `import { enableCompileCache, flushCompileCache } from 'node:module'; enableCompileCache();
setTimeout(flushCompileCache, 300);
const { createElement } = await import('react'); const { render, Text } = await import('ink');
render(createElement(Text, null, 'hello'), { alternateScreen: true, interactive: true });`,
  );
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  const outfile = join(folder, 'out/hello.js');
  await build({
    entryPoints: { hello: source },
    outdir: join(folder, 'out'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    alias: { 'react-devtools-core': join(process.cwd(), 'scripts/empty.mjs') },
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  return outfile;
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
