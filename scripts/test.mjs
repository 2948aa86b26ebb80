// `npm test [-- fast | trial | real | changed | files]`: installs what is needed, checks types and style, builds, runs
// the tests. Plain JavaScript for Node 18 and newer: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, pinnedNode, project } from './packages.mjs';
import { beginRun } from './test-left.mjs';
import { prepareServices } from './test-packages.mjs';
import { REPORT, readReport, skipsByReason } from './test-report.mjs';
import { inSandbox, leftInSandbox } from './test-sandbox.mjs';

/** A run is stopped after this time. All tests take some twenty minutes, and twice that on a busy machine. */
const LIMIT_MINUTES = 70;
const SLOWEST = 20;

const words = process.argv.slice(2);
const only = words.find((word) => ['fast', 'trial', 'real'].includes(word));
const changed = words.includes('changed');
const files = words.filter((word) => word !== only && word !== 'changed');

ensurePackages();
const services = only === 'fast' || only === 'trial' ? { ready: false, reason: '' } : prepareServices();
if (services.reason) print(`\nServer tests are left out: ${services.reason}\n`);
const checks = [
  ['types', ['node_modules/typescript/bin/tsc', '--noEmit']],
  ['style', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.']],
  ['build', ['scripts/build.mjs']],
];
const broken = checks
  .filter(([, args]) => spawnSync(pinnedNode, args, { cwd: project, stdio: 'inherit' }).status !== 0)
  .map(([name]) => ({ file: name, name: 'see above' }));
const run = await runTests();
tell(run, broken);
// A stopped run has failed, whatever passed before.
process.exit(run.stopped || run.failures.length + broken.length > 0 || (run.passed === 0 && !changed) ? 1 : 0);

/** Runs the tests. Returns their results (`readReport`), why they were stopped, and what they left behind. */
async function runTests() {
  const { folder, env, end } = beginRun();
  const reportFile = join(folder, 'report.jsonl');
  const projects = only ? [only] : ['fast', 'trial', ...(services.ready ? ['real'] : [])];
  const command = [
    pinnedNode,
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.flatMap((name) => ['--project', name]),
    '--reporter=default',
    `--reporter=${join(project, 'scripts/test-report.mjs')}`,
    ...(changed ? [`--changed=${lastShared()}`, '--passWithNoTests'] : []),
    ...files,
  ];
  const started = inSandbox(folder, command) ?? { file: command[0], args: command.slice(1) };
  const began = Date.now();
  const child = spawn(started.file, started.args, {
    cwd: project,
    env: { ...env, [REPORT]: reportFile },
    stdio: ['ignore', 'inherit', 'inherit'],
    // ctrl-c must reach only this process, which then stops the whole run.
    detached: true,
  });
  const { status, stopped } = await ended(child);
  const report = readReport(reportFile);
  // A run that fails without a failed test (a worker that dies) is a failure too.
  if (status !== 0 && !stopped && report.failures.length === 0)
    report.failures.push({ file: 'vitest', name: `ended with ${status}` });
  const left = [...leftInSandbox(folder), ...end()];
  return { ...report, stopped, seconds: (Date.now() - began) / 1000, left };
}

/** Waits for the end of a run; on a signal or at the time limit, stops it with all its processes. */
function ended(child) {
  return new Promise((resolve) => {
    let stopped = '';
    const stop = (why) => {
      stopped ||= why;
      // The child leads a process group.
      process.kill(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(() => stop(`after ${LIMIT_MINUTES} minutes`), LIMIT_MINUTES * 60_000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(`by ${signal}`));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ status: code ?? signal, stopped });
    });
  });
}

/** The newest commit that the branch shares with its target branch; uncommitted files count as changed. */
function lastShared() {
  for (const branch of ['origin/HEAD', 'origin/main', 'main']) {
    const found = spawnSync('git', ['merge-base', 'HEAD', branch], { cwd: project, encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  return 'HEAD';
}

function tell({ passed, failures, skips, slowest, whole, stopped, seconds, left }, broken) {
  for (const [reason, names] of skipsByReason(skips)) print(`\nskipped (${reason}):\n${lines(names)}`);
  if (slowest.length > SLOWEST) {
    const shown = slowest.slice(0, SLOWEST).map(([file, took]) => `${took.toFixed(1).padStart(7)} s  ${file}`);
    print(`\nslowest files:\n${lines(shown)}`);
  }
  if (left.length > 0) print(`\nleft behind:\n${lines(left)}`);
  if (services.reason) print(`\nServer tests were left out: ${services.reason}\n`);
  const failed = [...broken, ...failures];
  if (failed.length > 0) print(`\nfailed:\n${lines(failed.map(told))}`);
  if (stopped) print(`\nThe run was stopped ${stopped}; tests that had not ended by then are not counted.\n`);
  else if (!whole && broken.length === 0) print('\nThe run did not complete.\n');
  print(`\nThe tests took ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s.\n`);
  print(`${passed} passed, ${failed.length} failed, ${skips.length} skipped\n`);
}

function told({ file, name = '', message = '' }) {
  const [first = ''] = message.split('\n');
  return [file, name, first].filter(Boolean).join(': ');
}

function lines(texts) {
  return texts.map((text) => `  ${text}\n`).join('');
}

function print(text) {
  process.stdout.write(text);
}
