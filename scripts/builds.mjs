// The builds in dist/: each is made in a new folder, switched to by one link, and removed when no process runs it.
// src/provision/host/local/build.ts describes the folders. Runs with the pinned Node, which reads TypeScript.
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

/** How long a replaced build stays: a command that was just starting is not among the processes yet. */
const HOUR_MS = 3_600_000;
/** The same where the running processes cannot be listed. */
const MONTH_MS = 30 * 24 * HOUR_MS;

/** Makes a build with `make`, which gets an empty folder. If two processes make it at once, one result is kept. */
export async function publishBuild(id, make) {
  if (existsSync(join(builds, id))) return;
  const making = join(builds, `.making-${process.pid}`);
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  try {
    await make(making);
    mustStart(making);
    // After a power failure a build is complete, or does not exist.
    spawnSync('sync', ['-f', making]);
    renameSync(making, join(builds, id));
  } catch (error) {
    if (!existsSync(join(builds, id))) throw error;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Throws if a build does not start: it must not be switched to. */
function mustStart(folder) {
  const args = [join(folder, 'aegir.js'), '--version'];
  const { status, error, stderr } = spawnSync(join(folder, 'bin/node'), args, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`the new build does not start: ${error?.message ?? stderr.trim()}`);
}

/** Makes a build the one that the next start runs; false if it does not exist. */
export function switchTo(id) {
  const before = buildOnDisk();
  const wanted = join(builds, id);
  if (!existsSync(wanted)) return false;
  if (before === id) return true;
  // From now on nothing starts the previous build, so its time until removal begins.
  const now = new Date();
  for (const folder of [join(builds, before ?? id), wanted]) if (existsSync(folder)) utimesSync(folder, now, now);
  const beside = join(builds, `.link-${process.pid}`);
  rmSync(beside, { force: true });
  symlinkSync(relative(buildsFolder, join(wanted, 'aegir.js')), beside);
  renameSync(beside, link);
  return existsSync(link);
}

/**
 * Removes builds that no process runs any more, and the remains of interrupted builds. The previous build stays, and so
 * does every build that was current within the last hour, or within the last month if processes cannot be listed.
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
  // Files from before builds had their own folders: a console that was open then may still load them.
  for (const name of readdirSync(buildsFolder))
    if (name !== 'aegir.js' && name !== 'builds') removeOlder(join(buildsFolder, name), MONTH_MS);
}

function removeOlder(path, ms) {
  try {
    if (Date.now() - lstatSync(path).mtimeMs < ms) return;
    // Renamed first, so that nobody finds an incomplete build.
    const gone = join(builds, `.gone-${process.pid}`);
    renameSync(path, gone);
    rmSync(gone, { recursive: true, force: true });
    rmSync(compiledCode(basename(path)), { recursive: true, force: true });
  } catch {
    // Another process has just removed it, or it belongs to another user.
  }
}

/**
 * Puts Node, and npm packages with their dependencies, into a build, so that an update that empties node_modules
 * removes nothing from running processes. They are hard links, which need no space; on another disk, copies.
 */
export function linkPackages(out, names, node) {
  for (const path of packagesOf(names)) linkTree(join(project, path), join(out, path));
  linkFile(node, join(out, 'bin/node'));
}

/** The folders of packages and their dependencies, according to the lock file. */
function packagesOf(names) {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8'));
  const found = new Set();
  function add(name, from) {
    // Like Node: first below the package that needs it, then further up.
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
    // The packages in a package's node_modules are linked separately.
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
