import { lstatSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { accountOf } from '../local/accounts.ts';
import { runAsUser, stopUser, stopWithin } from '../local/as-user.ts';
import { lastOutput, runCommand } from '../local/exec.ts';
import { refuseMounts } from '../local/mounts.ts';
import { fileError, setOwner, syncFolder, takenBy } from '../local/place.ts';
import {
  checkParents,
  checkPath,
  checkUser,
  hasSiteUsers,
  ownFolders,
  ownUid,
  type Policy,
  refuse,
  topFolders,
} from '../policy.ts';
import { defineAct } from './act.ts';
import { refuseUnsealable } from './unsealable.ts';

export const treeRemove = defineAct('tree.remove', {
  args: z.strictObject({ path: z.string(), as: z.string().optional() }),
  describe: ({ path, as }) => `remove ${path}${as ? `, as ${as} where ${as} can write` : ''}`,
  async run({ path, as }, policy) {
    checkTree(policy, path);
    checkHome(policy, path, as);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (!present) return { removed: false };
    checkParents(policy, path);
    if (present.isDirectory()) await removeFolder(policy, path, as);
    else unlinkSync(path);
    syncFolder(dirname(path));
    return { removed: true };
  },
});

export const treeSeal = defineAct('tree.seal', {
  args: z.strictObject({ path: z.string() }),
  describe: ({ path }) => `give ${path} to root, readable by all and writable by root alone`,
  async run({ path }, policy) {
    checkTree(policy, path);
    if (path.startsWith(`${policy.paths.sites}/`)) refuse(`${path} belongs to a site`);
    checkParents(policy, path);
    if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) takenBy('folder', path);
    // Closed meanwhile, so that nobody reaches files that still have their old mode.
    setOwner(path, { owner: 'root', group: 'root', mode: 0o700 });
    refuseMounts(path);
    if (hasSiteUsers(policy)) await refuseUnsealable(path);
    const names = readdirSync(path).map((name) => join(path, name));
    if (names.length > 0) {
      const root = `${ownUid()}:${process.getegid?.() ?? 0}`;
      if (hasSiteUsers(policy)) await mustRun('chown', ['-R', '-h', '-P', root, '--', ...names]);
      // Removing x first makes X apply to folders only: they can be entered, and no file is executable.
      await mustRun('chmod', ['-R', 'a-xst,u=rwX,go=rX', '--', ...names]);
    }
    setOwner(path, { owner: 'root', group: 'root', mode: 0o755 });
  },
});

export const treeRename = defineAct('tree.rename', {
  args: z.strictObject({ from: z.string(), to: z.string() }),
  describe: ({ from, to }) => `rename ${from} to ${to}`,
  async run({ from, to }, policy) {
    // In a platform that is used in place, a folder may only be renamed within its parent, so that no file is lost.
    const beside = dirname(from) === dirname(to) && isBelow(policy.platformFolders, from);
    for (const path of [from, to]) {
      if (beside) checkPath(policy, path);
      else checkTree(policy, path);
      checkParents(policy, path);
    }
    // Already renamed before a crash.
    if (!lstatSync(from, { throwIfNoEntry: false }) && lstatSync(to, { throwIfNoEntry: false })) return;
    // rename(2) would silently replace an empty folder. Only root can create one here between these lines.
    if (lstatSync(to, { throwIfNoEntry: false })) {
      throw new AegirError('FOLDER_EXISTS', `${to} exists already`, 'Move it away and try again.');
    }
    try {
      renameSync(from, to);
    } catch (error) {
      throw fileError(error, to);
    }
    for (const folder of new Set([dirname(from), dirname(to)])) syncFolder(folder);
  },
});

const isBelow = (folders: readonly string[], path: string): boolean =>
  folders.some((folder) => path.startsWith(`${folder}/`));

/**
 * Only whole trees may be removed (platforms, homes, releases, log folders): no folder of the program itself, and no
 * platform that is used in place.
 */
function checkTree(policy: Policy, path: string): void {
  if (policy.platformFolders.includes(path) || isBelow(policy.platformFolders, path))
    refuse(`${path} belongs to a platform that is used in place`);
  if (topFolders(policy).includes(path)) refuse(`${path} is a folder of the program itself`);
  checkPath(policy, path, ownFolders(policy));
}

/** A site's user can write in its home, so removal there must name that user, and no other. */
function checkHome(policy: Policy, path: string, as: string | undefined): void {
  if (as !== undefined) checkUser(policy, as);
  if (!path.startsWith(`${policy.paths.sites}/`)) return;
  const [handle = ''] = relative(policy.paths.sites, path).split('/');
  if (as === undefined && !(hasSiteUsers(policy) && accountOf(handle))) return;
  if (as !== handle) refuse(`${path} may only be removed as ${handle}`);
}

/**
 * Removes a folder in three steps. The processes of the site's user in it are ended (all of them, for the whole home),
 * and what the user can write is removed with that user's rights. Then the folder is closed to others and processes
 * still in it are ended again, so that only root can reach anything below it and the rest is removed without a race.
 * `rm` follows no links.
 */
async function removeFolder(policy: Policy, path: string, as: string | undefined): Promise<void> {
  refuseMounts(path);
  if (!hasSiteUsers(policy)) return removeOwn(path);
  const isHome = dirname(path) === policy.paths.sites;
  const stop = (user: string): Promise<void> => (isHome ? stopUser(policy, user) : stopWithin(policy, user, path));
  if (as !== undefined && accountOf(as)) {
    await stop(as);
    await removeAsUser(policy, path, as);
  }
  setOwner(path, { owner: 'root', group: 'root', mode: 0o700 });
  if (as !== undefined) await stop(as);
  await mustRun('rm', ['--recursive', '--force', '--one-file-system', '--', path]);
}

/** For roots without site users: a person may have removed permissions from their own folders. */
async function removeOwn(path: string): Promise<void> {
  await mustRun('chmod', ['-R', 'u+rwX', path]);
  rmSync(path, { recursive: true, force: true });
}

/** Empties the folders that a user owns. Root removes what the user cannot. */
async function removeAsUser(policy: Policy, path: string, user: string): Promise<void> {
  for (const folder of foldersOf(path, accountOf(user)?.uid)) {
    const command = { cwd: '/', timeoutMs: 3_600_000 };
    // A person may have removed permissions from their own folders.
    await runAsUser(policy, user, { ...command, file: 'chmod', args: ['--recursive', 'u+rwX', '--', folder] });
    const below = ['-xdev', '-mindepth', '1', '-delete'];
    await runAsUser(policy, user, { ...command, file: 'find', args: ['-P', folder, ...below] });
  }
}

/** The topmost folders below a path that a user owns. Only walks folders that root alone can write. */
function foldersOf(path: string, uid: number | undefined): string[] {
  const fact = lstatSync(path, { throwIfNoEntry: false });
  if (!fact?.isDirectory()) return [];
  if (fact.uid === uid) return [path];
  if (fact.uid !== ownUid() || (fact.mode & 0o022) !== 0) return [];
  return readdirSync(path).flatMap((name) => foldersOf(join(path, name), uid));
}

async function mustRun(file: string, args: string[]): Promise<void> {
  const result = await runCommand({ file, args });
  if (result.code === 0) return;
  throw new AegirError('TREE_FAILED', `${file} failed: ${lastOutput(result)}`, 'Check the disk and the permissions.');
}
