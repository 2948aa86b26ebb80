import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../errors.ts';
import { idsOf } from '../accounts.ts';
import { checkOwner, checkParents, checkPath, type Policy } from '../policy.ts';
import { defineAct } from './act.ts';

const mode = z.number().int().min(0).max(0o2777);
const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

export const folderMake = defineAct('folder.make', {
  args: z.object({ path: z.string(), owner: z.string(), group: z.string(), mode }),
  describe: ({ path, owner, group, mode }) => `make folder ${path} (${owner}:${group} ${mode.toString(8)})`,
  run({ path, owner, group, mode }, policy) {
    checkPlace(policy, path, owner, group);
    const made = makeFolder(path);
    setOwner(path, O_RDONLY | O_DIRECTORY, owner, group, mode);
    return { made };
  },
});

export const fileWrite = defineAct('file.write', {
  args: z.object({
    path: z.string(),
    text: z.string(),
    owner: z.string().optional(),
    group: z.string().optional(),
    mode,
  }),
  describe: ({ path, mode }) => `write ${path} (${mode.toString(8)})`,
  run({ path, text, owner = 'root', group = 'root', mode }, policy) {
    checkPlace(policy, path, owner, group);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present && !present.isFile()) notA('file', path);
    if (present && readFileSync(path, 'utf8') === text) {
      setOwner(path, O_RDONLY, owner, group, mode);
      return { changed: false };
    }
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
    rmSync(temporary, { force: true });
    const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      const data = Buffer.from(text);
      for (let done = 0; done < data.length; ) done += writeSync(file, data, done);
      const ids = idsOf(owner, group);
      fchownSync(file, ids.uid, ids.gid);
      fchmodSync(file, mode);
      fsyncSync(file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw diskError(error, path);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
    return { changed: true };
  },
});

export const fileRemove = defineAct('file.remove', {
  args: z.object({ path: z.string() }),
  describe: ({ path }) => `remove ${path}`,
  run({ path }, policy) {
    checkPath(policy, path, isPlatformFile(path, 'root') ? [''] : undefined);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (!present) return { removed: false };
    checkParents(path);
    if (!present.isFile()) notA('file', path);
    unlinkSync(path);
    syncFolder(dirname(path));
    return { removed: true };
  },
});

export const linkMake = defineAct('link.make', {
  args: z.object({ path: z.string(), target: z.string() }),
  describe: ({ path, target }) => `link ${path} to ${target}`,
  run({ path, target }, policy) {
    checkLinkPlace(policy, path);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present && !present.isSymbolicLink()) notA('link', path);
    if (present && readlinkSync(path) === target) return { changed: false };
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
    rmSync(temporary, { force: true });
    symlinkSync(target, temporary);
    renameSync(temporary, path);
    syncFolder(dirname(path));
    return { changed: true };
  },
});

export const linkRemove = defineAct('link.remove', {
  args: z.object({ path: z.string() }),
  describe: ({ path }) => `remove link ${path}`,
  run({ path }, policy) {
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (!present) return { removed: false };
    checkLinkPlace(policy, path);
    if (!present.isSymbolicLink()) notA('link', path);
    unlinkSync(path);
    return { removed: true };
  },
});

/** Links also go into platforms that are used in place, anywhere on the machine, but only into root's folders. */
function checkLinkPlace(policy: Policy, path: string): void {
  checkPath(policy, path, ['']);
  checkParents(path);
}

function checkPlace(policy: Policy, path: string, owner: string, group: string): void {
  checkPath(policy, path, isPlatformFile(path, owner) ? [''] : undefined);
  checkOwner(policy, owner);
  checkOwner(policy, group);
  checkParents(path);
}

/** The files that let sites share a platform are root's PHP files in root's folders, wherever the platform lies. */
const isPlatformFile = (path: string, owner: string): boolean => owner === 'root' && path.endsWith('.php');

function makeFolder(path: string): boolean {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present && !present.isDirectory()) notA('folder', path);
  if (present) return false;
  mkdirSync(path, { mode: 0o700 });
  return true;
}

/** Sets owner and mode through an open descriptor, so that a swapped link is never followed. */
function setOwner(path: string, flags: number, owner: string, group: string, mode: number): void {
  const ids = idsOf(owner, group);
  const file = openSync(path, flags | O_NOFOLLOW);
  try {
    fchownSync(file, ids.uid, ids.gid);
    fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, O_RDONLY | O_DIRECTORY);
  fsyncSync(folder);
  closeSync(folder);
}

function notA(kind: string, path: string): never {
  throw new AegirError('PATH_TAKEN', `${path} is there and is not a ${kind}`, 'Move it away and try again.');
}

/** A full disk told as such; any other error as it is. */
export function diskError(error: unknown, path: string): unknown {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) {
    return new AegirError('DISK_FULL', `no space is left to write ${path}`, 'Make room on that disk, then try again.');
  }
  return error;
}
