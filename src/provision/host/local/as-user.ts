import { join } from 'node:path';
import { AegirError } from '../../model/errors.ts';
import type { CommandResult } from '../command-result.ts';
import type { Command } from '../host.ts';
import { checkUid, checkUser, hasSiteUsers, type Policy } from '../policy.ts';
import { accountOf } from './accounts.ts';
import { runCommand } from './exec.ts';
import { holdsIn, processesOfUser, sendSignal } from './processes.ts';
import { waitUntil } from './wait.ts';

/** A command to run as a site's user; its working folder is required. */
export type CommandWithCwd = Command & { cwd: string };

const STOP_MS = 10_000;

/**
 * A fixed script: the arguments after it are never parsed by the shell. It is needed because nothing else sets a umask
 * between setpriv and the command, and because the user, not root, must have access to the folder.
 */
const prepare = 'umask 027 && cd -- "$1" && unset OLDPWD && shift && exec "$@"';

/**
 * Runs a command as a site's user: without other groups, unable to gain privileges (setpriv(1)), without a terminal,
 * and with new files closed to others (umask 027). Throws `USER_MISSING`, `ACT_REFUSED`.
 */
export function runAsUser(policy: Policy, user: string, command: CommandWithCwd): Promise<CommandResult> {
  const { args: _args, env: _env, cwd: _cwd, ...rest } = command;
  return runCommand({ ...rest, ...commandAsUser(policy, user, command), cwd: '/' });
}

/** The command line and environment that run a command as a site's user; as our own user where sites have none. */
export function commandAsUser(
  policy: Policy,
  user: string,
  { file, args, cwd, env }: Pick<CommandWithCwd, 'file' | 'args' | 'cwd' | 'env'>,
): { file: string; args: string[]; env: Record<string, string> } {
  const shellArgs = ['-c', prepare, 'sh', cwd, file, ...args];
  const named = { USER: user, LOGNAME: user };
  if (!hasSiteUsers(policy)) {
    checkUser(policy, user);
    const home = join(policy.paths.sites, user);
    return { file: '/bin/sh', args: shellArgs, env: { HOME: home, ...named, ...env } };
  }
  const account = siteAccount(policy, user);
  if (!account) {
    throw new AegirError('USER_MISSING', `this machine has no user ${user}`, 'aegir site verify creates it again.');
  }
  const setpriv = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--no-new-privs'];
  return {
    file: 'setpriv',
    args: [...setpriv, '--', '/bin/sh', ...shellArgs],
    env: { HOME: account.home, ...named, ...env },
  };
}

/** Ends every process of a site's user and waits until they are gone. Throws `PROCESSES_LEFT`. */
export async function stopUser(policy: Policy, user: string): Promise<void> {
  // Its processes are our own, including this one.
  if (!hasSiteUsers(policy)) return checkUser(policy, user);
  const account = siteAccount(policy, user);
  if (!account) return;
  const { uid, gid } = account;
  const ended = await waitUntil(async () => {
    const pids = processesOfUser(uid);
    if (pids.length === 0) return true;
    for (const pid of pids) sendSignal(pid, 'SIGKILL');
    // One system call kills all of them, so that a process that forks faster than /proc can be read is caught too.
    const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
    await runCommand({ file: 'setpriv', args: [...ids, '--', 'kill', '-KILL', '--', '-1'] });
    return processesOfUser(uid).length === 0;
  }, STOP_MS);
  if (ended) return;
  const left = processesOfUser(uid).join(', ');
  throw new AegirError(
    'PROCESSES_LEFT',
    `processes of ${user} do not end: ${left}`,
    'See what they wait for: ps -o pid,stat,wchan,args -p …',
  );
}

/**
 * Ends the processes of a site's user that run in a folder or have something in it open; others, such as those that
 * serve visitors, go on. If new ones appear faster than they are killed, ends all processes of the user.
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

/**
 * The account of a site's user; undefined where there is none, or where sites have no users. Throws `ACT_REFUSED` when
 * it is not a site's.
 */
export function siteAccount(policy: Policy, user: string): { uid: number; gid: number; home: string } | undefined {
  checkUser(policy, user);
  if (!hasSiteUsers(policy)) return undefined;
  const account = accountOf(user);
  if (account) checkUid(policy, account.uid);
  return account;
}
