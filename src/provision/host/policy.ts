import { lstatSync } from 'node:fs';
import { dirname, isAbsolute, normalize } from 'node:path';
import { AegirError } from '../model/errors.ts';
import type { RootPaths } from '../model/paths.ts';

/** What acts may touch. Always checked where acts are performed, whatever the caller has checked. */
export interface Policy {
  paths: RootPaths;
  /** Prefix of the names of site users; a number follows. */
  handlePrefix: string;
  /** 0 where sites have no users of their own: their handles then stand for the program's own user. */
  uidBase: number;
  webUser: string;
  /** The value of AEGIR_TASK for children, `<root>#<name>` (worker/task-run.ts); empty for none. */
  mark: string;
  /** Absolute paths of files outside of the root that setup may write. */
  systemFiles: readonly string[];
  /** Folders of platforms outside of the root that are used in place. Acts put links and shared files into them. */
  platformFolders: readonly string[];
}

/** The highest site number, which also ends the range of user ids. */
export const MAX_SITES = 20_000;

/** The user id that counts as root: the program's own, so that an ordinary user's root folder works like a server's. */
export const ownUid = (): number => process.geteuid?.() ?? 0;

/** True where each site has a Unix user of its own. */
export const hasSiteUsers = ({ uidBase }: Pick<Policy, 'uidBase'>): boolean => uidBase > 0;

/** The real owner of a file: the given name, or the program's own user where sites have none. */
export const ownerUnder = (policy: Policy, name: string): string => (hasSiteUsers(policy) ? name : 'root');

/** Checks that a name is that of a site's user. Throws `ACT_REFUSED`. */
export function checkUser(policy: Policy, user: string): void {
  const number = user.startsWith(policy.handlePrefix) ? user.slice(policy.handlePrefix.length) : '';
  if (!/^[1-9][0-9]{0,5}$/.test(number)) refuse(`"${user}" is not a site's user`);
}

/** Checks that a user id belongs to the program's own range. */
export function checkUid(policy: Policy, uid: number): void {
  if (uid <= policy.uidBase || uid > policy.uidBase + MAX_SITES) refuse(`user id ${uid} is outside the range of sites`);
}

/** Checks the owner or group of a file: root, the web server's, or a site's user. */
export function checkOwner(policy: Policy, name: string): void {
  if (name !== 'root' && name !== policy.webUser) checkUser(policy, name);
}

/** Checks that a path is absolute and plain, and strictly below one of the program's own folders, or a listed file. */
export function checkPath(policy: Policy, path: string, allowed: readonly string[] = ownFolders(policy)): void {
  checkPlain(path);
  if (policy.systemFiles.includes(path)) return;
  if (!allowed.some((folder) => path.startsWith(`${folder}/`))) refuse(`${path} is not below a folder of this program`);
}

/** Checks that a path is absolute and normalised: no `..`, no doubled or trailing slash, no control characters. */
export function checkPlain(path: string): void {
  const plain = isAbsolute(path) && normalize(path) === path && (path === '/' || !path.endsWith('/'));
  if (!plain || /[\u0000-\u001f\u007f]/.test(path)) refuse(`${JSON.stringify(path)} is not a plain absolute path`);
}

/** The folders below which acts change things. The inventory lies in none of them. */
export function ownFolders({ paths, platformFolders }: Policy): string[] {
  const { platforms, sites, byName, backups, config, cache, programs, etc, serviceLogs, run } = paths;
  return [platforms, sites, byName, backups, config, cache, programs, etc, serviceLogs, run, ...platformFolders];
}

/** Folders that acts create and never remove: the program's own and their parents. */
export function topFolders({ paths }: Policy): string[] {
  const { inventory, workerLock, bell, ...folders } = paths;
  return [...Object.values(folders), dirname(paths.taskLogs)];
}

/**
 * Checks that only root can replace a path's parents: each is a real folder, owned by root and not writable by group or
 * others. Checks up to the root folder; `chooseRoot` checked what is above when the program started. For a folder that
 * is not the program's own it checks all the way up, where a sticky folder such as /tmp may be writable for others.
 * Throws `PARENT_UNSAFE`, `PARENT_MISSING`.
 */
export function checkParents(policy: Pick<Policy, 'paths'>, path: string): void {
  const { root, etc, serviceLogs, run } = policy.paths;
  const tops = [root, etc, serviceLogs, run].filter((top) => path.startsWith(`${top}/`));
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const top = tops.includes(folder) || folder === '/';
    checkParent(folder, path, tops.length === 0);
    if (top) return;
  }
}

function checkParent(folder: string, path: string, stickyAllowed: boolean): void {
  const fact = lstatSync(folder, { throwIfNoEntry: false });
  if (!fact) {
    throw new AegirError('PARENT_MISSING', `${folder} does not exist`, 'aegir doctor shows which folders are missing.');
  }
  const sticky = stickyAllowed && (fact.mode & 0o1000) !== 0;
  const writable = (fact.mode & 0o022) !== 0 && !sticky;
  if (fact.isDirectory() && (fact.uid === 0 || fact.uid === ownUid()) && !writable) return;
  throw new AegirError(
    'PARENT_UNSAFE',
    `${folder} can be changed by users other than root, so ${path} is not touched`,
    `Let only root own and write it: chown root ${folder}; chmod go-w ${folder}`,
  );
}

/** Refuses an act that the policy does not allow. */
export function refuse(reason: string): never {
  throw new AegirError('ACT_REFUSED', reason, 'This is a bug in the program or an attack; nothing was done.');
}
