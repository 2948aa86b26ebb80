import { join } from 'node:path';
import { AegirError } from '../../model/errors.ts';
import type { CommandResult } from '../command-result.ts';
import type { Command } from '../host.ts';
import { checkUid, checkUser, hasSiteUsers, type Policy } from '../policy.ts';
import { accountOf } from './accounts.ts';
import { runCommand } from './exec.ts';
import { holdsIn, processesOfUser, sendSignal } from './processes.ts';
import { waitUntil } from './wait.ts';

/** A command of a site's user; where it runs must be said. */
export type UserCommand = Command & { cwd: string };

const STOP_MS = 10_000;

/**
 * A fixed text, not a command line: what follows it are words that the shell never parses. It is here because
 * nothing else sets a umask between setpriv and the command, and because the user itself must be allowed into
 * the folder, not root.
 */
const prepare = 'umask 027 && cd -- "$1" && unset OLDPWD && shift && exec "$@"';

/**
 * Runs a command as a site's user: without other groups, with no way to new privileges (setpriv(1)), without a
 * terminal, with files that others cannot read (umask 027). Throws `USER_MISSING`, `ACT_REFUSED`.
 */
export function runAsUser(policy: Policy, user: string, command: UserCommand): Promise<CommandResult> {
  const { args: _args, env: _env, cwd: _cwd, ...rest } = command;
  return runCommand({ ...rest, ...userWords(policy, user, command), cwd: '/' });
}

/** The words that run a command as a site's user, and their environment; where sites have no users, as our own. */
export function userWords(
  policy: Policy,
  user: string,
  { file, args, cwd, env }: Pick<UserCommand, 'file' | 'args' | 'cwd' | 'env'>,
): { file: string; args: string[]; env: Record<string, string> } {
  const words = ['-c', prepare, 'sh', cwd, file, ...args];
  const named = { USER: user, LOGNAME: user };
  if (!hasSiteUsers(policy)) {
    checkUser(policy, user);
    const home = join(policy.paths.sites, user);
    return { file: '/bin/sh', args: words, env: { HOME: home, ...named, ...env } };
  }
  const account = siteAccount(policy, user);
  if (!account) {
    throw new AegirError('USER_MISSING', `this machine has no user ${user}`, 'aegir site verify makes it again.');
  }
  const setpriv = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--no-new-privs'];
  return {
    file: 'setpriv',
    args: [...setpriv, '--', '/bin/sh', ...words],
    env: { HOME: account.home, ...named, ...env },
  };
}

/** Ends every process of a site's user and waits until they are gone. Throws `PROCESSES_LEFT`. */
export async function stopUser(policy: Policy, user: string): Promise<void> {
  // Its processes are ours, and this one among them.
  if (!hasSiteUsers(policy)) return checkUser(policy, user);
  const account = siteAccount(policy, user);
  if (!account) return;
  const { uid, gid } = account;
  const ended = await waitUntil(async () => {
    const pids = processesOfUser(uid);
    if (pids.length === 0) return true;
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    // One call of the kernel for all of them, so that a process that forks faster than we read is ended too.
    const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
    await runCommand({ file: 'setpriv', args: [...ids, '--', 'kill', '-KILL', '--', '-1'] });
    return processesOfUser(uid).length === 0;
  }, STOP_MS);
  if (ended) return;
  const left = processesOfUser(uid).join(', ');
  throw new AegirError(
    'PROCESSES_LEFT',
    `processes of ${user} do not end: ${left}`,
    'See what holds them: ps -o pid,stat,wchan,args -p …',
  );
}

/**
 * Ends the processes of a site's user that are in a folder or hold something in it open; others, as those that serve
 * visitors, go on. Where they come faster than they are ended all of the user's are.
 */
export async function stopWithin(policy: Policy, user: string, folder: string): Promise<void> {
  const account = siteAccount(policy, user);
  if (!account) return;
  const ended = await waitUntil(() => {
    const holders = processesOfUser(account.uid).filter((pid) => holdsIn(pid, folder));
    for (const pid of holders) sendSignal(pid, 'SIGKILL');
    return holders.length === 0;
  }, STOP_MS / 2);
  if (!ended) await stopUser(policy, user);
}

/** The account of a site's user, or undefined; undefined too where sites have none. Throws `ACT_REFUSED` when it is not one of ours. */
export function siteAccount(policy: Policy, user: string): { uid: number; gid: number; home: string } | undefined {
  checkUser(policy, user);
  if (!hasSiteUsers(policy)) return undefined;
  const account = accountOf(user);
  if (account) checkUid(policy, account.uid);
  return account;
}
