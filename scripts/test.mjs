// `npm test [-- fast | trial | real | files]`: installs what is needed, checks types and style, builds, runs the tests.
// Plain JavaScript for Node 18 and newer: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensurePackages, pinnedNode, project } from './packages.mjs';
import { beginRun } from './test-left.mjs';
import { prepareServices } from './test-packages.mjs';

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
if (counts.left.length > 0)
  process.stdout.write(`\nleft behind:\n${counts.left.map((line) => `  ${line}\n`).join('')}`);
if (services.reason) process.stdout.write(`\nServer tests were left out: ${services.reason}\n`);
// What failed before the tests counts as failed, so that the last line tells the whole truth.
const failed = counts.failed + broken;
process.stdout.write(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
process.exit(failed > 0 || counts.passed === 0 ? 1 : 0);

function runTests() {
  const { folder, env, end } = beginRun();
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
  // The whole takes some twenty minutes, on a busy machine twice that; a run that does not end by itself is ended.
  const limit = { timeout: 70 * 60_000, killSignal: 'SIGKILL' };
  const result = spawnSync(pinnedNode, args, { cwd: project, env, stdio: ['ignore', 'inherit', 'inherit'], ...limit });
  const counts = existsSync(report) ? countsOf(JSON.parse(readFileSync(report, 'utf8'))) : nothing();
  rmSync(report, { force: true });
  // A run that ends badly without a failed test (an import that throws, a worker that dies) is a failure too.
  if (result.status !== 0 && counts.failed === 0) counts.failed = 1;
  return { ...counts, left: end() };
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
