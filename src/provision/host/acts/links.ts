import { lstatSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { clearTemporary, fileError, syncFolder, takenBy, temporaryName } from '../local/place.ts';
import { checkParents, checkPath } from '../policy.ts';
import { defineAct } from './act.ts';

export const linkMake = defineAct('link.make', {
  args: z.strictObject({ path: z.string(), target: z.string() }),
  describe: ({ path, target }) => `link ${path} to ${target}`,
  run({ path, target }, policy) {
    checkPath(policy, path);
    checkPath(policy, target);
    checkParents(policy, path);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present && !present.isSymbolicLink()) takenBy('link', path);
    clearTemporary(path);
    if (present && readlinkSync(path) === target) return { changed: false };
    try {
      symlinkSync(target, temporaryName(path));
      renameSync(temporaryName(path), path);
      syncFolder(dirname(path));
    } catch (error) {
      clearTemporary(path);
      throw fileError(error, path);
    }
    return { changed: true };
  },
});

export const linkRemove = defineAct('link.remove', {
  args: z.strictObject({ path: z.string() }),
  describe: ({ path }) => `remove link ${path}`,
  run({ path }, policy) {
    checkPath(policy, path);
    if (!lstatSync(dirname(path), { throwIfNoEntry: false })) return { removed: false };
    checkParents(policy, path);
    clearTemporary(path);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (!present) return { removed: false };
    if (!present.isSymbolicLink()) takenBy('link', path);
    unlinkSync(path);
    syncFolder(dirname(path));
    return { removed: true };
  },
});
