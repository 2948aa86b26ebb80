import {
  type BigIntStats,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
} from 'node:fs';
import { relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { accountOf, groupId } from '../local/accounts.ts';
import {
  checkOwner,
  checkParents,
  checkPath,
  checkUser,
  hasSiteUsers,
  ownUid,
  type Policy,
  refuse,
} from '../policy.ts';
import { defineAct } from './act.ts';

/** Opens a file without following, reading or activating it (open(2)); Node has no constant for it. */
const O_PATH = 0o10000000;
const { O_NOFOLLOW, O_DIRECTORY } = constants;
/** How many entries are handled before other work gets its turn. */
const PORTION = 500;
/** Each level holds a descriptor, and a site must not use up the program's. */
const DEEPEST = 64;
/** How many paths are reported. */
const TOLD = 20;

/**
 * For a tree whose user can change it during the walk: each entry is opened relative to its folder's descriptor and
 * never by its path, links are not followed, and changes go to the very file that was checked. A file with several hard
 * links is left alone, because another link may be somebody else's file.
 */
export const treeOwn = defineAct('tree.own', {
  args: z.strictObject({ path: z.string(), user: z.string(), group: z.string(), check: z.boolean() }),
  describe: ({ path, user, group, check }) =>
    `${check ? 'find' : 'change'} what in ${path} does not belong to ${user}:${group}`,
  async run({ path, user, group, check }, policy, live) {
    checkPath(policy, path, [policy.paths.sites]);
    checkParents(policy, path);
    checkUser(policy, user);
    checkOwner(policy, group);
    if (relative(policy.paths.sites, path).split('/')[0] !== user) refuse(`${path} is not in the home of ${user}`);
    const rules = rulesOf(policy, user, group);
    const top = openSync(path, O_PATH | O_NOFOLLOW | O_DIRECTORY);
    const found: string[] = [];
    let count = 0;
    let seen = 0;
    const walk = async (folder: number, name: string, depth: number): Promise<void> => {
      for (const entry of namesAt(folder)) {
        if (++seen % PORTION === 0) await setImmediate();
        live.signal?.throwIfAborted();
        const file = openAt(folder, entry);
        if (file === undefined) continue;
        try {
          const fact = fstatSync(file, { bigint: true });
          const shown = `${name}/${entry}`;
          if (fact.isDirectory() || (fact.isFile() && fact.nlink === 1n)) {
            if (mend(file, fact, rules, check)) {
              count += 1;
              if (found.length < TOLD) found.push(shown);
            }
          }
          if (fact.isDirectory() && depth < DEEPEST) await walk(file, shown, depth + 1);
        } finally {
          closeSync(file);
        }
      }
    };
    try {
      await walk(top, path, 0);
    } finally {
      closeSync(top);
    }
    return { count, found };
  },
});

interface Rules {
  uid: bigint;
  gid: bigint;
  /** True where the group reads what visitors may see. */
  shared: boolean;
}

function rulesOf(policy: Policy, user: string, group: string): Rules {
  const shared = group !== user;
  if (!hasSiteUsers(policy)) return { uid: BigInt(ownUid()), gid: BigInt(process.getegid?.() ?? 0), shared };
  const uid = accountOf(user)?.uid;
  const gid = groupId(group);
  if (uid === undefined || gid === undefined) {
    throw new AegirError(
      'USER_MISSING',
      `this machine has no ${user} or ${group}`,
      'aegir site verify creates it again.',
    );
  }
  return { uid: BigInt(uid), gid: BigInt(gid), shared };
}

/** The names in an open folder; none where it may not be read, as in an ordinary user's dry run. */
function namesAt(folder: number): string[] {
  try {
    return readdirSync(`/proc/self/fd/${folder}`);
  } catch {
    return [];
  }
}

/** Opens an entry; undefined when it has gone meanwhile. */
function openAt(folder: number, name: string): number | undefined {
  try {
    return openSync(`/proc/self/fd/${folder}/${name}`, O_PATH | O_NOFOLLOW);
  } catch {
    return undefined;
  }
}

/**
 * Sets owner, group and the modes that they need. Files that all may read become readable for the web server, whichever
 * group it has; files that the user made read-only stay read-only; and in private folders no mode lets anybody else
 * write. True when something differed.
 */
function mend(file: number, fact: BigIntStats, { uid, gid, shared }: Rules, check: boolean): boolean {
  const isFolder = fact.isDirectory();
  const mode = Number(fact.mode) & 0o7777;
  const others = isFolder ? 0o005 : 0o004;
  const forAll = shared && (mode & others) === others;
  const own = isFolder ? 0o700 : fact.uid === uid ? 0o400 : 0o600;
  const groups = shared && !forAll ? (isFolder ? 0o2050 : 0o040) : 0;
  const never = (isFolder ? 0 : 0o6000) | (shared ? 0o022 : 0);
  const wanted = (mode | own | groups) & ~never;
  const owned = fact.uid === uid && (fact.gid === gid || forAll);
  if (owned && wanted === mode) return false;
  if (check) return true;
  // By the descriptor: even if the name now means another file, this is the one that was checked.
  const place = `/proc/self/fd/${file}`;
  if (!owned) chownSync(place, Number(uid), Number(gid));
  chmodSync(place, wanted);
  return true;
}
