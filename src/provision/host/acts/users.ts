import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { AegirError } from '../../errors.ts';
import { accountOf, accountOfUid, groupId } from '../accounts.ts';
import { TASK_VARIABLE } from '../children.ts';
import { lastWords, runCommand } from '../exec.ts';
import type { CommandResult } from '../host.ts';
import { checkUid, checkUser, type Policy, refuse } from '../policy.ts';
import { defineAct } from './act.ts';

export const userAdd = defineAct('user.add', {
  args: z.object({ user: z.string(), uid: z.number().int(), home: z.string() }),
  describe: ({ user, uid }) => `add Unix user ${user} with id ${uid}`,
  async run({ user, uid, home }, policy) {
    checkUser(policy, user);
    checkUid(policy, uid);
    if (!home.startsWith(`${policy.paths.sites}/`)) refuse(`${home} is not a site's home`);
    const present = accountOf(user);
    if (present?.uid === uid) return;
    const owner = accountOfUid(uid);
    if (present || owner !== undefined) {
      const message = present ? `user ${user} exists with id ${present.uid}` : `user id ${uid} belongs to ${owner}`;
      throw new AegirError('USER_TAKEN', message, 'Remove that user, or try again: the next site gets the next handle.');
    }
    const id = String(uid);
    // A crash may have left the group alone behind.
    if (groupId(user) === undefined) await change('groupadd', ['--gid', id, '--', user]);
    const comment = ['--comment', 'site of Aegir Console'];
    const flags = ['--no-create-home', '--no-log-init', '--shell', '/usr/sbin/nologin', '--home-dir', home];
    await change('useradd', [...flags, ...comment, '--uid', id, '--gid', id, '--', user]);
  },
});

export const userRemove = defineAct('user.remove', {
  args: z.object({ user: z.string() }),
  describe: ({ user }) => `end the processes of ${user} and remove that Unix user`,
  async run({ user }, policy) {
    checkUser(policy, user);
    const account = accountOf(user);
    if (account) {
      checkUid(policy, account.uid);
      await endProcesses(account.uid);
      await change('userdel', ['--', user]);
    }
    if (groupId(user) !== undefined) await change('groupdel', ['--', user]);
  },
});

export const userStop = defineAct('user.stop', {
  args: z.object({ user: z.string() }),
  describe: ({ user }) => `end the processes of ${user}`,
  async run({ user }, policy) {
    checkUser(policy, user);
    const account = accountOf(user);
    if (!account) return;
    checkUid(policy, account.uid);
    await endProcesses(account.uid);
  },
});

export const userRun = defineAct('user.run', {
  args: z.object({
    user: z.string(),
    file: z.string(),
    args: z.array(z.string()),
    cwd: z.string(),
    env: z.record(z.string(), z.string()).optional(),
    timeoutMs: z.number().int().positive().optional(),
  }),
  describe: ({ user, file, args }) => `as ${user}: ${[file, ...args].join(' ')}`,
  run: (command, policy, live) => runAsUser(command, policy, live),
});

/**
 * Runs a command as a site's user: no other groups, and no way to gain rights by a set-uid program
 * (no_new_privs, prctl(2)). Throws `USER_MISSING`.
 */
export async function runAsUser(
  command: { user: string; file: string; args: string[]; cwd: string; env?: Record<string, string>; timeoutMs?: number },
  policy: Policy,
  live: { input?: string; signal?: AbortSignal; onLine?: (stream: 'stdout' | 'stderr', line: string) => void },
): Promise<CommandResult> {
  const { user, file, args, cwd, env, timeoutMs } = command;
  checkUser(policy, user);
  const account = accountOf(user);
  if (!account) throw new AegirError('USER_MISSING', `this machine has no user ${user}`, 'aegir site verify says more.');
  checkUid(policy, account.uid);
  const rights = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--no-new-privs'];
  const mark: Record<string, string> = policy.mark ? { [TASK_VARIABLE]: policy.mark } : {};
  return runCommand({
    file: 'setpriv',
    args: [...rights, '--', file, ...args],
    cwd,
    env: { HOME: account.home, USER: user, LOGNAME: user, ...env, ...mark },
    timeoutMs,
    ...live,
  });
}

/** Kills until none is left: a process may start another while it is killed. */
async function endProcesses(uid: number): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    const pids = processesOf(uid);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid, round === 0 ? 'SIGTERM' : 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, round === 0 ? 100 : 25));
  }
  throw new AegirError('PROCESSES_LEFT', `processes of user id ${uid} do not end`, `See them with: ps -U ${uid}`);
}

function processesOf(uid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        // A zombie has ended; only its parent can take it away.
        return !/^State:\s*Z/m.test(status) && Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) === uid;
      } catch {
        return false;
      }
    });
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

/** Runs a command on the user database, again while another program holds its lock (exit code 10, useradd(8)). */
async function change(file: string, args: string[]): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const result = await runCommand({ file, args, timeoutMs: 30_000 });
    if (result.code === 0) return;
    const locked = /lock/i.test(result.stderr);
    if (!locked || attempt >= 20) {
      throw new AegirError('USER_CHANGE_FAILED', `${file} failed: ${lastWords(result)}`, 'See /etc/passwd and /etc/group.');
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
