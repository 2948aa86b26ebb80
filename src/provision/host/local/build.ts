import { lstatSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLineOf, isHere, processIds, startedAt } from './processes.ts';

/*
 * Where the program lies, which build of it this process runs, and which one is on disk. A build is a folder with all
 * that it takes: code, PHP programs, Node and npm packages. None is ever changed; what is switched is one link:
 *
 *   dist/aegir.js -> builds/<id>/aegir.js      the program on disk
 *   dist/builds/<id>/                          made by scripts/build.mjs, named by version and content
 */

const here = fileURLToPath(import.meta.url);

/** The folder of the bundle that contains this code, some of it in chunks below; undefined when running from source. */
export const bundleFolder: string | undefined = here.endsWith('.ts')
  ? undefined
  : dirname(here).replace(/\/chunks$/, '');

/** The build that this process runs, such as '0.1.0-5f2a…'; undefined when running from source. */
export const thisBuild: string | undefined =
  bundleFolder && basename(dirname(bundleFolder)) === 'builds' ? basename(bundleFolder) : undefined;

/** The program's folder, with `bin/`, `docs/` and `dist/`: a checkout, or the place of an installed package. */
export const programFolder: string = bundleFolder
  ? join(bundleFolder, thisBuild ? '../../..' : '..')
  : join(dirname(here), '../../../..');

/** Contains the builds and the link to the current one. */
export const buildsFolder: string = join(programFolder, 'dist');

/** The paths of Node and the script of a build. Both are absolute, so that `programProcess` recognises the process. */
export interface ProgramCommand {
  node: string;
  script: string;
}

/** The command that starts this same program again, without arguments. */
export const thisProgram = (): ProgramCommand =>
  thisBuild ? commandOf(buildsFolder, thisBuild) : { node: process.execPath, script: process.argv[1] ?? '' };

/** The build that the next start of the program runs; undefined where there is none. */
export function buildOnDisk(dist = buildsFolder): string | undefined {
  try {
    return /^builds\/([^/]+)\/aegir\.js$/.exec(readlinkSync(join(dist, 'aegir.js')))?.[1];
  } catch {
    return undefined;
  }
}

/** The command that starts the program on disk, without arguments; undefined where there is none. */
export function programOnDisk(dist = buildsFolder): ProgramCommand | undefined {
  const build = buildOnDisk(dist);
  return build === undefined ? undefined : commandOf(dist, build);
}

/** The build on disk, if it is no longer the one that this process runs. Costs one readlink(2). */
export function newerBuild(): string | undefined {
  const now = thisBuild && buildOnDisk();
  return now === thisBuild ? undefined : now;
}

const commandOf = (dist: string, build: string): ProgramCommand => {
  const folder = join(dist, 'builds', build);
  return { node: join(folder, 'bin/node'), script: join(folder, 'aegir.js') };
};

/**
 * Where this user's compile cache of a build lies (XDG Base Directory Specification). Throws for a user without an
 * account.
 */
export const compiledCode = (build: string): string =>
  join(process.env.XDG_CACHE_HOME || join(userInfo().homedir, '.cache'), 'aegir', build);

/** A process that runs this program: a console, a worker, a command, the front of a trial. */
export interface ProgramProcess {
  pid: number;
  /** undefined if it was started through the link, or by a version that had no builds yet. */
  build: string | undefined;
  /** Which script it runs: `aegir.js`, `front.js`. */
  script: string;
  /** The arguments after the script. */
  args: string[];
}

/** Which build and script a process runs; undefined if it does not run the program below `dist`. */
export function programProcess(pid: number, dist = buildsFolder): ProgramProcess | undefined {
  // Node is the first argument; other programs that name a file of ours (an editor, a shell) do not run it.
  const [node = '', ...rest] = commandLineOf(pid);
  const at = rest.findIndex((argument) => argument.startsWith(`${dist}/`));
  const path = rest[at];
  if (path === undefined || basename(node) !== 'node') return undefined;
  const [, build] = /^builds\/([^/]+)\//.exec(path.slice(dist.length + 1)) ?? [];
  return { pid, build, script: basename(path), args: rest.slice(at + 1) };
}

/** The processes on this machine that run another build than the one on disk, as far as they are visible. */
export const outdatedProcesses = (dist = buildsFolder): ProgramProcess[] =>
  processIds().flatMap((pid) => {
    const found = outdatedBuild(pid, dist) === undefined ? undefined : programProcess(pid, dist);
    return found && isHere(pid) ? [found] : [];
  });

/** How a build without a name is shown: of a version without builds, or started through the link. */
export const UNNAMED = 'an earlier one';

/** The build that a process runs, if it is not the one on disk; `UNNAMED` if it has no name. */
export function outdatedBuild(pid: number, dist = buildsFolder): string | undefined {
  const found = programProcess(pid, dist);
  const now = buildOnDisk(dist);
  if (!found || now === undefined || found.build === now) return undefined;
  if (found.build !== undefined) return found.build;
  // A process that was started through the link runs the build that the link pointed to at that time.
  const switched = lstatSync(join(dist, 'aegir.js')).mtimeMs;
  return (startedAt(pid) ?? switched) < switched - CLOCK_MS ? UNNAMED : undefined;
}

/** Start times of processes are known only to a second. */
const CLOCK_MS = 1000;

/** The builds that appear in the command line of a process; undefined where those of other users are hidden. */
export function buildsInUse(dist = buildsFolder): Set<string> | undefined {
  if (commandLineOf(1).length === 0) return undefined;
  const begin = join(dist, 'builds/');
  const named = processIds().flatMap((pid) => commandLineOf(pid).filter((argument) => argument.startsWith(begin)));
  return new Set(named.map((argument) => argument.slice(begin.length).split('/')[0] ?? ''));
}
