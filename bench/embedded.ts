// Embedded: time from nothing to a trial's first page, its pages compared with bare PHP, two writers on one database.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { findLocalPhp } from '../src/setup/choose-php.ts';
import { median, ms, printFigure, printHeadings } from './figures.ts';

const ROUNDS = 30;
const WRITE_S = Number(process.env.BENCH_WRITE_S ?? 60);

const home = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
const local = await findLocalPhp();
try {
  printHeadings();
  await benchWasm();
  if (local && local.lacks.length === 0) await benchLocal(local.binary);
  else process.stdout.write('a local PHP: skipped, the PATH has no PHP with SQLite.\n');
} finally {
  for (const name of ['wasm', 'local']) aegir(name, ['try', '--remove', '--yes', '--quiet']);
  rmSync(home, { recursive: true, force: true });
}

interface Made {
  url: string;
  root: string;
}

async function benchWasm(): Promise<void> {
  const began = performance.now();
  const { url, root } = begin('wasm', ['--php', 'wasm']);
  await get(url);
  printFigure('first try, wasm, to HTTP 200', seconds(performance.now() - began), '', '', '≤ 60 s');
  const packages = Number(execFileSync('du', ['-sm', ...wasmFolder(root)], { encoding: 'utf8' }).split('\t')[0]);
  printFigure('packages of PHP in WebAssembly', `${packages} MB`, '', '', '≤ 150 MB');
  printFigure('later try', seconds(await later('wasm')), '', '', '≤ 2 s');
  await warm(() => get(url));
  const facts = factsOf(root, url);
  const socketPath = join(root, 'run/php/wasm-0.sock');
  await compare(
    'WordPress home, wasm',
    () => get(url),
    () => get(url, { socketPath, facts }),
    'bare php-wasm worker',
  );
  await writers(root, url);
}

async function benchLocal(binary: string): Promise<void> {
  const from = `path:${join(home, 'wasm/platforms/trial')}`;
  const began = performance.now();
  const { url, root } = begin('local', ['--php', 'local', '--from', from]);
  await get(url);
  printFigure('first try, local, code fetched, to HTTP 200', seconds(performance.now() - began), '', '', '≤ 60 s');
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const docroot = join(home, 'wasm/platforms/trial');
  const env = { ...process.env, AEGIR_SETTINGS: join(root, 'sites/aeg1/releases/1/settings/wp-config.php') };
  const bare = spawn(binary, ['-S', `127.0.0.1:${port}`, '-t', docroot], { env, stdio: 'ignore' });
  try {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await warm(() => get(url));
    await warm(() => get(url, { port }));
    await compare(
      'WordPress home, local',
      () => get(url),
      () => get(url, { port }),
      'bare php -S',
    );
  } finally {
    bare.kill();
  }
}

async function compare(
  what: string,
  ours: () => Promise<unknown>,
  bare: () => Promise<unknown>,
  peer: string,
): Promise<void> {
  const our: number[] = [];
  const its: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    its.push(await timeOf(bare));
    our.push(await timeOf(ours));
  }
  printFigure(what, ms(median(our)), `${ms(median(its))} (${peer})`, (median(our) / median(its)).toFixed(2), '≤ 1.5');
}

/** Two visitors write at full speed; afterwards every row must exist. */
async function writers(root: string, url: string): Promise<void> {
  const docroot = join(root, 'platforms/trial');
  const database = join(root, 'sites/aeg1/releases/1/tmp/bench.sqlite');
  const page = join(docroot, 'wp-signup.php');
  const before = readFileSync(page, 'utf8');
  writeFileSync(page, writer(database));
  let sent = 0;
  const until = Date.now() + WRITE_S * 1000;
  const write = async (): Promise<void> => {
    while (Date.now() < until) if ((await get(`${url}wp-signup.php`)) === 'written') sent += 1;
  };
  await Promise.all([write(), write()]);
  writeFileSync(page, before);
  const db = new Database(database, { readonly: true });
  const rows = db.prepare('SELECT COUNT(*) FROM hit').pluck().get();
  const check = String(db.pragma('integrity_check', { simple: true }));
  db.close();
  printFigure(`two writers for ${WRITE_S} s`, `${rows} of ${sent} rows`, '', '', `no loss; integrity ${check}`);
}

function writer(database: string): string {
  return `<?php
$db = new PDO('sqlite:${database}');
$db->setAttribute(PDO::ATTR_TIMEOUT, 30);
$db->exec('CREATE TABLE IF NOT EXISTS hit (n INTEGER PRIMARY KEY, at TEXT)');
$db->exec("INSERT INTO hit (at) VALUES (datetime('now'))");
echo 'written';
`;
}

function begin(name: string, args: string[]): Made {
  const { status, stdout, stderr } = aegir(name, ['try', '--yes', '--json', '--detach', ...args]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Made;
}

async function later(name: string): Promise<number> {
  aegir(name, ['try', '--stop', '--quiet']);
  const began = performance.now();
  begin(name, []);
  return performance.now() - began;
}

function aegir(name: string, args: string[]): { status: number | null; stdout: string; stderr: string } {
  const line = ['dist/aegir.js', '--root', join(home, name), ...args];
  return spawnSync(process.execPath, line, { encoding: 'utf8', timeout: 300_000 });
}

async function warm(ask: () => Promise<unknown>): Promise<void> {
  for (let round = 0; round < 6; round += 1) await ask();
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Requests a page, through the front or directly from PHP, and returns its text. */
function get(
  url: string,
  past: { port?: number; socketPath?: string; facts?: Record<string, string> } = {},
): Promise<string> {
  const { host, port, pathname } = new URL(url);
  const { facts, ...place } = past;
  const given = facts ? { 'x-aegir-request': Buffer.from(JSON.stringify({ facts, host })).toString('base64') } : {};
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: Number(port), ...place, path: pathname, agent: false };
    const asking = request({ ...options, headers: { host, ...given } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(text) : reject(new Error(`${answer.statusCode}: ${text}`)),
      );
    });
    asking.on('error', reject);
    asking.end();
  });
}

function factsOf(root: string, url: string): Record<string, string> {
  return {
    SCRIPT_FILENAME: join(root, 'platforms/trial/index.php'),
    SCRIPT_NAME: '/index.php',
    REQUEST_URI: '/',
    REQUEST_METHOD: 'GET',
    QUERY_STRING: '',
    SERVER_NAME: new URL(url).hostname,
    SERVER_PORT: new URL(url).port,
    REMOTE_ADDR: '127.0.0.1',
    AEGIR_SETTINGS: join(root, 'sites/aeg1/releases/1/settings/wp-config.php'),
  };
}

function wasmFolder(root: string): string[] {
  return execFileSync('find', [join(root, 'cache'), '-maxdepth', '1', '-name', 'php-wasm*'], { encoding: 'utf8' })
    .split('\n')
    .filter((path) => path !== '');
}

function seconds(time: number): string {
  return `${(time / 1000).toFixed(1)} s`;
}
