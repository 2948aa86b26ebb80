import { lstatSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isHere, processIds, startedAt, wordsOf } from './processes.ts';

/*
 * Where the program lies, which build of it this process runs, and which one is on disk. A build is a folder with all
 * that it takes: code, PHP programs, Node and npm packages. None is ever changed; what is switched is one link:
 *
 *   dist/aegir.js -> builds/<id>/aegir.js      the program on disk
 *   dist/builds/<id>/                          made by scripts/build.mjs, named by version and content
 */

const here = fileURLToPath(import.meta.url);

/** The folder of the bundle that this code is in, below which some of it lies in chunks; undefined for the sources. */
export const bundleFolder: string | undefined = here.endsWith('.ts')
  ? undefined
  : dirname(here).replace(/\/chunks$/, '');

/** The build that this process runs, as '0.1.0-5f2a…'; undefined where Node runs the sources, which have none. */
export const thisBuild: string | undefined =
  bundleFolder && basename(dirname(bundleFolder)) === 'builds' ? basename(bundleFolder) : undefined;

/** The program's folder, with `bin/`, `docs/` and `dist/`: a checkout, or where a package has put it. */
export const programFolder: string = bundleFolder
  ? join(bundleFolder, thisBuild ? '../../..' : '..')
  : join(dirname(here), '../../../..');

/** Where the builds lie, and the link to the one that is started. */
export const buildsFolder: string = join(programFolder, 'dist');

/** Node and start file of a build, by which it is started: by their whole paths, so that `buildProcesses` sees it. */
export interface ProgramCommand {
  node: string;
  script: string;
}

/** What starts this very program again, without its words. */
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

/** What starts the program on disk, without its words; undefined where there is none. */
export function programOnDisk(dist = buildsFolder): ProgramCommand | undefined {
  const build = buildOnDisk(dist);
  return build === undefined ? undefined : commandOf(dist, build);
}

/** The build that has taken the place of this one on disk; undefined while none has. One readlink(2). */
export function newerBuild(): string | undefined {
  const now = thisBuild && buildOnDisk();
  return now === thisBuild ? undefined : now;
}

const commandOf = (dist: string, build: string): ProgramCommand => {
  const folder = join(dist, 'builds', build);
  return { node: join(folder, 'bin/node'), script: join(folder, 'aegir.js') };
};

/** Where this user keeps compiled code of a build (XDG Base Directory Specification). Throws for one without an account. */
export const compiledCode = (build: string): string =>
  join(process.env.XDG_CACHE_HOME || join(userInfo().homedir, '.cache'), 'aegir', build);

/** A process that runs this program: a console, a worker, a command, the front of a trial. */
export interface ProgramProcess {
  pid: number;
  /** undefined where it was started by the link, or is of a program that had no builds yet. */
  build: string | undefined;
  /** The part of it that was started: `aegir.js`, `front.js`. */
  script: string;
  /** What it was started with beside that. */
  words: string[];
}

/** Which build a process runs, and what for; undefined for one that does not run the program below `dist`. */
export function programProcess(pid: number, dist = buildsFolder): ProgramProcess | undefined {
  // Node comes first; whatever else names a file of ours (an editor, a shell) runs it not.
  const [node = '', ...rest] = wordsOf(pid);
  const at = rest.findIndex((word) => word.startsWith(`${dist}/`));
  const path = rest[at];
  if (path === undefined || basename(node) !== 'node') return undefined;
  const [, build] = /^builds\/([^/]+)\//.exec(path.slice(dist.length + 1)) ?? [];
  return { pid, build, script: basename(path), words: rest.slice(at + 1) };
}

/** The processes of this machine that run another build than the one on disk, as far as they can be seen. */
export const outdatedProcesses = (dist = buildsFolder): ProgramProcess[] =>
  processIds().flatMap((pid) => {
    const found = outdatedBuild(pid, dist) === undefined ? undefined : programProcess(pid, dist);
    return found && isHere(pid) ? [found] : [];
  });

/** What is said of a build without a name: of a program that had no builds yet, or one that was started by the link. */
export const UNNAMED = 'an earlier one';

/** The build that a process runs, where that is another one than on disk; `UNNAMED` where it has no name. */
export function outdatedBuild(pid: number, dist = buildsFolder): string | undefined {
  const found = programProcess(pid, dist);
  const now = buildOnDisk(dist);
  if (!found || now === undefined || found.build === now) return undefined;
  if (found.build !== undefined) return found.build;
  // What was started by the link runs what it led to then.
  const switched = lstatSync(join(dist, 'aegir.js')).mtimeMs;
  return (startedAt(pid) ?? switched) < switched - CLOCK_MS ? UNNAMED : undefined;
}

/** The clock by which processes are started is only known to a second. */
const CLOCK_MS = 1000;

/** The builds that some process names in its words; undefined where those of others cannot be seen. */
export function buildsInUse(dist = buildsFolder): Set<string> | undefined {
  if (wordsOf(1).length === 0) return undefined;
  const begin = join(dist, 'builds/');
  const named = processIds().flatMap((pid) => wordsOf(pid).filter((word) => word.startsWith(begin)));
  return new Set(named.map((word) => word.slice(begin.length).split('/')[0] ?? ''));
}
