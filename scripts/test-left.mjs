// Finds what a run of the tests leaves behind. The run gets its own home folder. At its end, everything that still
// exists or runs, or has changed on the machine, is listed, and the home folder is removed. Plain JavaScript for Node
// 18 and newer.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'aegtest-run-';
/** The path of a socket must be short (unix(7)), and macOS's folder for temporary files takes half of the length. */
const temporary = tmpdir().length > 20 ? '/tmp' : tmpdir();
/** User ids of the tests' stacks begin here (test/support/stack-slots.ts). */
const FIRST_UID = 300_000_000;

/** Folders in which setup and the packages of services keep their configuration. */
const watched = [
  '/etc',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/local/share/man',
  '/usr/local/share/bash-completion',
  '/usr/local/share/zsh',
];
/** Files that change when a user is created, and by mount and ldconfig. */
const expected =
  /^\/etc\/(passwd|group|shadow|gshadow|sub[ug]id)-?$|^\/etc\/(\.pwd\.lock|mtab|ld\.so\.cache|resolv\.conf)$/;
const rootFolders = ['/var/aegir', '/etc/aegir', '/var/log/aegir', '/run/aegir'];

/**
 * Begins a run. `env` is the environment of its processes. `end()` returns a line for each thing that the run has left,
 * and removes the run's own files.
 */
export function beginRun() {
  sweepOldRuns();
  const folder = mkdtempSync(join(temporary, `${PREFIX}${process.pid}-`));
  // Sites' users and the web server must be able to pass through.
  chmodSync(folder, 0o711);
  mkdirSync(homeOf(folder), { mode: 0o700 });
  const before = machineNow();
  // Some thousand processes share the cache of compiled code.
  const compiled = join(folder, 'compiled');
  const env = { ...process.env, HOME: homeOf(folder), AEGIR_TEST_RUN: folder, NODE_COMPILE_CACHE: compiled };
  for (const name of Object.keys(env)) if (name.startsWith('XDG_')) delete env[name];
  return { folder, env, end: () => leftBy(folder, before) };
}

const homeOf = (folder) => join(folder, 'home');

function leftBy(folder, before) {
  const left = [];
  for (const { pid, words } of processesOf(folder)) {
    left.push(`a process: ${pid} ${words}`);
    kill(pid);
  }
  for (const point of mountsIn(folder)) {
    left.push(`a mount: ${point}`);
    spawnSync('umount', ['--lazy', point]);
  }
  // This includes files of programs in their home folder.
  rmSync(folder, { recursive: true, force: true });
  const after = machineNow();
  for (const name of after.accounts) if (!before.accounts.has(name)) left.push(`a line of ${name}`);
  for (const path of after.temporary) if (!before.temporary.has(path)) left.push(path);
  for (const path of after.roots) if (!before.roots.has(path)) left.push(path);
  for (const [name, fact] of after.facts)
    if (before.facts.get(name) !== fact) left.push(`changed while the tests ran: ${name}`);
  for (const name of before.facts.keys()) if (!after.facts.has(name)) left.push(`gone since the tests began: ${name}`);
  return left;
}

/** The state of the machine. Things that another run may have made are left out while there is another run. */
function machineNow() {
  const alone = otherRuns().length === 0;
  return {
    accounts: new Set(alone ? accountsOfTests() : []),
    temporary: new Set(alone ? strayFiles() : []),
    roots: new Set(rootFolders.filter((path) => existsSync(path))),
    facts: new Map([...watched.flatMap(factsBelow), ...unitFacts()]),
  };
}

/** Users and groups of stacks. */
function accountsOfTests() {
  return ['/etc/passwd', '/etc/group']
    .filter((file) => existsSync(file))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line) => ({ file, line: line.split(':') })),
    )
    .filter(({ line }) => Number(line[2]) >= FIRST_UID && Number(line[2]) < FIRST_UID + 2_000_000)
    .map(({ file, line }) => `${file}: ${line[0]}`);
}

/** Files with our names outside the run's folder, and files that programs put into a missing home folder. */
function strayFiles() {
  return ['/tmp', '/var/tmp', '/dev/shm', '/var/cache']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => /\/(aegtest|aegir|\.(local|config|cache|npm|mysql))/.test(path))
    .filter((path) => !path.includes(PREFIX));
}

/** Every file below a folder with the facts that show a change: `[path, fact]`. */
function factsBelow(folder) {
  return entriesOf(folder, 12)
    .filter((path) => !expected.test(path))
    .flatMap((path) => {
      const { mode, uid, size, mtimeMs } = lstatSync(path, { throwIfNoEntry: false }) ?? {};
      const folder = ((mode ?? 0) & 0o170000) === 0o040000;
      return mode === undefined ? [] : [[path, folder ? `${mode} ${uid}` : `${mode} ${uid} ${size} ${mtimeMs}`]];
    });
}

/** The state of services and whether they start at boot, according to systemd. */
function unitFacts() {
  if (!existsSync('/run/systemd/system')) return [];
  const units = ['nginx.service', 'mariadb.service', 'php*-fpm.service', 'aegir-worker.service'];
  const asked = spawnSync('systemctl', ['show', '-p', 'Id,ActiveState,MainPID,UnitFileState', ...units], {
    encoding: 'utf8',
  });
  return (asked.stdout ?? '').split('\n\n').map((text) => [`the service ${/^Id=(.*)$/m.exec(text)?.[1]}`, text]);
}

/** The paths below a folder, to a depth. */
function entriesOf(folder, depth) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    const below = entry.isDirectory() && depth > 1 ? entriesOf(path, depth - 1) : [];
    return [path, ...below];
  });
}

/** Processes of a run: its folder is in their environment, command line or working directory. */
function processesOf(folder) {
  const has = (read) => {
    try {
      return read().includes(folder);
    } catch {
      return false;
    }
  };
  return pids()
    .filter((pid) => pid !== process.pid)
    .filter(
      (pid) =>
        has(() => readFileSync(`/proc/${pid}/environ`, 'latin1')) ||
        has(() => readFileSync(`/proc/${pid}/cmdline`, 'latin1')) ||
        has(() => readlinkSync(`/proc/${pid}/cwd`)),
    )
    .map((pid) => ({ pid, words: wordsOf(pid).slice(0, 200) }));
}

/** Other current runs of the tests, also those started without `npm test`. */
function otherRuns() {
  return pids().filter((pid) => !descends(pid) && /vitest\.mjs|matrix\/main\.ts/.test(wordsOf(pid)));
}

function descends(pid) {
  for (let at = pid; at > 1; at = parentOf(at)) if (at === process.pid) return true;
  return false;
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

function pids() {
  if (!existsSync('/proc/self/stat')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function wordsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

function mountsIn(folder) {
  if (!existsSync('/proc/self/mountinfo')) return [];
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${folder}/`))
    .reverse();
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Removes what killed runs have left. */
function sweepOldRuns() {
  for (const name of readdirSync(temporary).filter((candidate) => candidate.startsWith(PREFIX))) {
    const owner = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!existsSync('/proc/self') || existsSync(`/proc/${owner}`)) continue;
    const folder = join(temporary, name);
    for (const { pid } of processesOf(folder)) kill(pid);
    for (const point of mountsIn(folder)) spawnSync('umount', ['--lazy', point]);
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}
