// `npm test [-- fast | trial | real | files]`: installs what is needed, checks types and style, builds, runs the tests.
// Plain JavaScript for Node 18 and newer: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ensurePackages, pinnedNode, project } from './packages.mjs';

const words = process.argv.slice(2);
const only = words.find((word) => ['fast', 'trial', 'real'].includes(word));
const files = words.filter((word) => word !== only);

ensurePackages();
const services = only === 'fast' || only === 'trial' ? { ready: false, reason: '' } : prepareServices();
if (services.reason) process.stdout.write(`\nServer tests are left out: ${services.reason}\n\n`);
const checks = [
  ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
  ['style', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ['build', ['scripts/build.mjs']],
];
let broken = 0;
for (const [name, args] of checks) {
  const result = spawnSync(pinnedNode, args, { cwd: project, stdio: 'inherit' });
  if (result.status === 0) continue;
  broken += 1;
  process.stdout.write(`\n${name}: failed\n`);
}
const counts = runTests();
for (const [reason, names] of counts.reasons) {
  process.stdout.write(`\nskipped (${reason}):\n${names.map((name) => `  ${name}`).join('\n')}\n`);
}
if (services.reason) process.stdout.write(`\nServer tests were left out: ${services.reason}\n`);
// What failed before the tests counts as failed, so that the last line tells the whole truth.
process.stdout.write(`\n${counts.passed} passed, ${counts.failed + broken} failed, ${counts.skipped} skipped\n`);
process.exit(counts.failed + broken > 0 || counts.passed === 0 ? 1 : 0);

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'aegir-tests-'));
  const report = join(folder, 'report.json');
  const projects = only ? [only] : ['fast', 'trial', ...(services.ready ? ['real'] : [])];
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.flatMap((name) => ['--project', name]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...files,
  ];
  // The whole takes some three minutes; a run that does not end by itself is ended.
  const limit = { timeout: 30 * 60_000, killSignal: 'SIGKILL' };
  const result = spawnSync(pinnedNode, args, { cwd: project, stdio: ['ignore', 'inherit', 'inherit'], ...limit });
  const counts = existsSync(report) ? countsOf(JSON.parse(readFileSync(report, 'utf8'))) : nothing();
  rmSync(folder, { recursive: true, force: true });
  // A run that ends badly without a failed test (an import that throws, a worker that dies) is a failure too.
  if (result.status !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function countsOf(report) {
  const counts = nothing();
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else {
        counts.skipped += 1;
        // A test that is skipped says why in its name: "… (needs AEGIR_TEST_PLATFORMS)"; test/rules holds it.
        const reason = /\((needs [^)]*)\)/.exec(test.fullName)?.[1] ?? 'no reason given';
        counts.reasons.set(reason, [
          ...(counts.reasons.get(reason) ?? []),
          `${relative(project, file.name)}: ${test.fullName}`,
        ]);
      }
    }
  }
  return counts;
}

function nothing() {
  return { passed: 0, failed: 0, skipped: 0, reasons: new Map() };
}

/** Installs the services that the server tests start for themselves; says why when that cannot be. */
function prepareServices() {
  if (process.getuid?.() !== 0)
    return { ready: false, reason: 'they need root (they make Unix users) on Debian or Ubuntu.' };
  const system = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(system)) {
    return { ready: false, reason: 'they need Debian or Ubuntu, whose packages they install.' };
  }
  const wanted = [
    'nginx',
    'mariadb-server',
    'php-fpm',
    'php-cli',
    ...['mysql', 'gd', 'xml', 'mbstring', 'intl', 'curl', 'zip', 'sqlite3'].map((name) => `php-${name}`),
    'unzip',
    'zip',
    'zstd',
    'xz-utils',
    'curl',
    'logrotate',
    'util-linux',
    'procps',
    // What fast tests use where it is there.
    ...['bash', 'zsh', 'fish', 'tmux', 'screen', 'mosh', 'groff-base'],
  ];
  const known = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${Status}\n', ...wanted], { encoding: 'utf8' });
  const installed = new Set(
    known.stdout
      .split('\n')
      .filter((line) => line.endsWith('install ok installed'))
      .map((line) => line.split(' ')[0]),
  );
  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length === 0) return { ready: true, reason: '' };
  process.stdout.write(`installing for the server tests: ${missing.join(' ')}\n`);
  const apt = (args) =>
    spawnSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  apt(['update']);
  const result = apt(['install', '-y', '--no-install-recommends', ...missing]);
  if (result.status === 0) return { ready: true, reason: '' };
  return { ready: false, reason: `apt-get could not install ${missing.join(' ')} (see above).` };
}
