import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { clearTemporary, fileError, setOwner, setOwnerOf, syncFolder, takenBy, temporaryName } from '../local/place.ts';
import {
  checkOwner,
  checkParents,
  checkPath,
  checkPlain,
  ownerUnder,
  ownFolders,
  type Policy,
  topFolders,
} from '../policy.ts';
import { defineAct } from './act.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/** Permission bits. Nothing is ever world-writable, setuid or setgid. */
const mode = (most: number) =>
  z.int().refine((bits) => bits >= 0 && (bits & ~most) === 0, `only the bits of ${most.toString(8)} are allowed`);

export const folderMake = defineAct('folder.make', {
  args: z.strictObject({ path: z.string(), owner: z.string(), group: z.string(), mode: mode(0o2775) }),
  describe: ({ path, owner, group, mode }) => `make folder ${path} (${owner}:${group} ${mode.toString(8)})`,
  run({ path, owner, group, mode }, policy) {
    checkFolderPlace(policy, path);
    checkOwner(policy, owner);
    checkOwner(policy, group);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present && !present.isDirectory()) takenBy('folder', path);
    try {
      if (!present) mkdirSync(path, { mode: 0o700 });
      setOwner(path, { owner: ownerUnder(policy, owner), group: ownerUnder(policy, group), mode });
      if (!present) syncFolder(dirname(path));
    } catch (error) {
      throw fileError(error, path);
    }
    return { made: !present };
  },
});

export const fileWrite = defineAct('file.write', {
  args: z.strictObject({
    path: z.string(),
    text: z.string(),
    owner: z.string().optional(),
    group: z.string().optional(),
    mode: mode(0o775),
  }),
  describe: ({ path, owner = 'root', group = 'root', mode }) => `write ${path} (${owner}:${group} ${mode.toString(8)})`,
  run({ path, text, owner = 'root', group = 'root', mode }, policy) {
    checkPath(policy, path);
    checkOwner(policy, owner);
    checkOwner(policy, group);
    checkParents(policy, path);
    const ownership = { owner: ownerUnder(policy, owner), group: ownerUnder(policy, group), mode };
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present && !present.isFile()) takenBy('file', path);
    try {
      clearTemporary(path);
      if (present && readFileSync(path, 'utf8') === text) return { changed: setOwner(path, ownership) };
      replaceFile(path, text, ownership);
    } catch (error) {
      throw fileError(error, path);
    }
    return { changed: true };
  },
});

export const fileRemove = defineAct('file.remove', {
  args: z.strictObject({ path: z.string() }),
  describe: ({ path }) => `remove ${path}`,
  run({ path }, policy) {
    checkPath(policy, path);
    if (!lstatSync(dirname(path), { throwIfNoEntry: false })) return { removed: false };
    checkParents(policy, path);
    clearTemporary(path);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (!present) return { removed: false };
    if (!present.isFile()) takenBy('file', path);
    unlinkSync(path);
    syncFolder(dirname(path));
    return { removed: true };
  },
});

/** Creates the program's own top folders too; what lies above those is not checked. */
function checkFolderPlace(policy: Policy, path: string): void {
  checkPlain(path);
  if (topFolders(policy).includes(path)) return;
  checkPath(policy, path, [...ownFolders(policy), policy.paths.root]);
  checkParents(policy, path);
}

/** Writes a temporary file, syncs it and renames it: a reader sees the old text or the new, never a part. */
function replaceFile(path: string, text: string, ownership: { owner: string; group: string; mode: number }): void {
  const temporary = temporaryName(path);
  const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    const data = Buffer.from(text);
    for (let done = 0; done < data.length; ) done += writeSync(file, data, done);
    setOwnerOf(file, ownership);
    fsyncSync(file);
    renameSync(temporary, path);
  } catch (error) {
    clearTemporary(path);
    throw error;
  } finally {
    closeSync(file);
  }
  syncFolder(dirname(path));
}
