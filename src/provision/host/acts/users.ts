import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { accountOf, accountOfUid, groupId, groupOfId } from '../local/accounts.ts';
import { runAsUser, siteAccount, stopUser } from '../local/as-user.ts';
import { withoutTask } from '../local/children.ts';
import { drainUser } from '../local/drain.ts';
import { lastOutput, runCommand } from '../local/exec.ts';
import { waitUntil } from '../local/wait.ts';
import { checkPath, checkUid, checkUser, hasSiteUsers, refuse } from '../policy.ts';
import { defineAct } from './act.ts';
import { plainText, userCommand } from './user-command.ts';

/** How long to wait for another program's lock on /etc/passwd. */
const LOCK_MS = 15_000;

/** userdel(8) exits with this when the user runs a process, such as one that began after the others were ended. */
const IN_USE = 8;

const user = z.string();

export const userAdd = defineAct('user.add', {
  args: z.strictObject({ user, uid: z.int(), home: z.string() }),
  describe: ({ user, uid, home }) => `make user ${user} (${uid}), home ${home}`,
  async run({ user, uid, home }, policy) {
    checkUser(policy, user);
    if (!hasSiteUsers(policy)) return;
    checkUid(policy, uid);
    checkPath(policy, home, [policy.paths.sites]);
    // A colon would begin the next field of /etc/passwd.
    if (home.includes(':')) refuse(`"${home}" cannot be a home folder`);
    refuseTaken(user, uid);
    const id = String(uid);
    if (groupId(user) === undefined) await changeAccounts('groupadd', ['--system', '--gid', id, '--', user]);
    if (accountOf(user)) return;
    // A system account: no subordinate ids, no password ageing; and no password, so that nobody can log in.
    const options = ['--system', '--uid', id, '--gid', id, '--home-dir', home, '--no-create-home'];
    await changeAccounts('useradd', [...options, '--no-user-group', '--shell', '/usr/sbin/nologin', '--', user]);
  },
});

export const userRemove = defineAct('user.remove', {
  args: z.strictObject({ user }),
  describe: ({ user }) => `end the processes of ${user} and remove the user`,
  async run({ user }, policy) {
    for (let attempt = 1; siteAccount(policy, user); attempt += 1) {
      await stopUser(policy, user);
      await changeAccounts('userdel', ['--', user], attempt < 5 ? IN_USE : undefined);
    }
    // userdel removes the group too if login.defs says so; a crash can leave a group alone.
    const gid = hasSiteUsers(policy) ? groupId(user) : undefined;
    if (gid === undefined) return;
    checkUid(policy, gid);
    await changeAccounts('groupdel', ['--', user]);
  },
});

export const userStop = defineAct('user.stop', {
  args: z.strictObject({ user }),
  describe: ({ user }) => `end the processes of ${user}`,
  async run({ user }, policy) {
    await stopUser(policy, user);
  },
});

export const userDrain = defineAct('user.drain', {
  args: z.strictObject({ user, program: plainText.startsWith('/'), waitMs: z.int().positive() }),
  describe: ({ user }) => `wait for the requests of ${user} to end`,
  run: ({ user, program, waitMs }, policy) => drainUser(policy, user, program, waitMs),
});

export const userRun = defineAct('user.run', {
  args: userCommand.extend({ timeoutMs: z.int().positive().max(2_147_483_647).optional() }),
  describe: ({ user, file, args, cwd }) => `run as ${user} in ${cwd}: ${[file, ...args].map(quoteArgument).join(' ')}`,
  run: ({ user, ...command }, policy, live) => runAsUser(policy, user, { ...command, ...live }),
});

/** Refuses a name or id that somebody else has: files would change hands with a reused user id. */
function refuseTaken(user: string, uid: number): void {
  const owner = accountOfUid(uid);
  const named = accountOf(user);
  const group = groupId(user);
  const groupOwner = groupOfId(uid);
  const taken = (what: string): never => {
    throw new AegirError(
      'USER_TAKEN',
      `${what}, so ${user} (${uid}) is not created`,
      'The next site gets the next name and number.',
    );
  };
  if (owner !== undefined && owner !== user) taken(`user id ${uid} belongs to ${owner}`);
  if (named && named.uid !== uid) taken(`user ${user} exists with id ${named.uid}`);
  if (named && named.gid !== uid) taken(`user ${user} exists with group id ${named.gid}`);
  if (group !== undefined && group !== uid) taken(`group ${user} exists with id ${group}`);
  if (groupOwner !== undefined && groupOwner !== user) taken(`group id ${uid} belongs to ${groupOwner}`);
}

/**
 * Runs a program of shadow-utils; retries while another one holds the lock on /etc/passwd. It changes several files in
 * turn, so a recovery must not end it halfway.
 */
async function changeAccounts(file: string, args: string[], forgiven = 0): Promise<void> {
  const run = () => withoutTask(() => runCommand({ file, args }));
  let result = await run();
  await waitUntil(async () => {
    if (result.code === 0 || !/cannot lock|try again/i.test(result.stderr)) return true;
    result = await run();
    return result.code === 0;
  }, LOCK_MS);
  if (result.code === 0 || result.code === forgiven) return;
  throw new AegirError(
    'USER_CHANGE_FAILED',
    `${file} ${args.at(-1)}: ${lastOutput(result)}`,
    'Check that /etc/passwd and /etc/group can be written.',
  );
}

/** Quotes an argument for a shell; only for display. */
const quoteArgument = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
