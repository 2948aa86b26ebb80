// The builds in dist/: made beside, switched to by one link, removed when nothing runs them. src/provision/host/local/build.ts
// says how they lie. Run by the pinned Node, which reads TypeScript.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { buildOnDisk, buildsFolder, buildsInUse, compiledCode } from '../src/provision/host/local/build.ts';
import { project } from './packages.mjs';

const builds = join(buildsFolder, 'builds');
const link = join(buildsFolder, 'aegir.js');

/** A command that was just starting when its build was replaced is not among the processes yet. */
const HOUR_MS = 3_600_000;
/** Where nobody can say what runs. */
const MONTH_MS = 30 * 24 * HOUR_MS;

/** Makes a build with `make`, which is given an empty folder. Two at once make it twice, and one of them is taken. */
export async function publishBuild(id, make) {
  if (existsSync(join(builds, id))) return;
  const making = join(builds, `.making-${process.pid}`);
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  try {
    await make(making);
    mustStart(making);
    // After a power cut there is a build whole, or none of its name.
    spawnSync('sync', ['-f', making]);
    renameSync(making, join(builds, id));
  } catch (error) {
    if (!existsSync(join(builds, id))) throw error;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** What cannot even say its version is never switched to. */
function mustStart(folder) {
  const words = [join(folder, 'aegir.js'), '--version'];
  const { status, error, stderr } = spawnSync(join(folder, 'bin/node'), words, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`what was built does not start: ${error?.message ?? stderr.trim()}`);
}

/** Lets the next start of the program run a build; false when it is not there. */
export function switchTo(id) {
  const before = buildOnDisk();
  const wanted = join(builds, id);
  if (!existsSync(wanted)) return false;
  if (before === id) return true;
  // From now on nothing starts the one of before: its time runs.
  const now = new Date();
  for (const folder of [join(builds, before ?? id), wanted]) if (existsSync(folder)) utimesSync(folder, now, now);
  const beside = join(builds, `.link-${process.pid}`);
  rmSync(beside, { force: true });
  symlinkSync(relative(buildsFolder, join(wanted, 'aegir.js')), beside);
  renameSync(beside, link);
  return existsSync(link);
}

/**
 * Removes builds that no process runs any more, but for the one of before, and what an interrupted build has left; none
 * that was the program less than an hour ago. Where processes cannot be seen, they stay for a month.
 */
export function sweepBuilds() {
  const inUse = buildsInUse();
  const [before] = readdirSync(builds)
    .filter((name) => !name.startsWith('.') && name !== buildOnDisk())
    .toSorted((one, other) => lstatSync(join(builds, other)).mtimeMs - lstatSync(join(builds, one)).mtimeMs);
  for (const name of readdirSync(builds)) {
    if (name === buildOnDisk() || name === before || inUse?.has(name)) continue;
    removeOlder(join(builds, name), inUse ? HOUR_MS : MONTH_MS);
  }
  // What lay here before builds had folders of their own: a console that was open then may still load it.
  for (const name of readdirSync(buildsFolder))
    if (name !== 'aegir.js' && name !== 'builds') removeOlder(join(buildsFolder, name), MONTH_MS);
}

function removeOlder(path, ms) {
  try {
    if (Date.now() - lstatSync(path).mtimeMs < ms) return;
    // Away at once, so that nobody finds half of it.
    const gone = join(builds, `.gone-${process.pid}`);
    renameSync(path, gone);
    rmSync(gone, { recursive: true, force: true });
    rmSync(compiledCode(basename(path)), { recursive: true, force: true });
  } catch {
    // Another one has just removed it, or it is not ours to remove.
  }
}

/**
 * Puts Node and npm packages with all that they need into a build, so that an update which empties node_modules takes
 * nothing away from what runs. They are second names of the same files and take no room; on another disk, copies.
 */
export function linkPackages(out, names, node) {
  for (const path of packagesOf(names)) linkTree(join(project, path), join(out, path));
  linkFile(node, join(out, 'bin/node'));
}

/** The folders of packages and of what they need, by the lock file. */
function packagesOf(names) {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  const found = new Set();
  function add(name, from) {
    // As Node looks: below who asks, then further up.
    for (let at = from; ; at = at.slice(0, at.lastIndexOf('node_modules/'))) {
      const path = `${at}node_modules/${name}`;
      if (packages[path]) {
        if (found.has(path)) return;
        found.add(path);
        for (const needed of Object.keys(packages[path].dependencies ?? {})) add(needed, `${path}/`);
        return;
      }
      if (at === '') throw new Error(`package-lock.json has no ${name}`);
    }
  }
  for (const name of names) add(name, '');
  return found;
}

function linkTree(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    // What lies in a package's own node_modules is a package of its own.
    if (entry.name === 'node_modules') continue;
    if (entry.isDirectory()) linkTree(join(from, entry.name), join(to, entry.name));
    else if (entry.isFile()) linkFile(join(from, entry.name), join(to, entry.name));
  }
}

function linkFile(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
