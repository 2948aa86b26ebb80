import { existsSync } from 'node:fs';
import { AegirError } from '../../model/errors.ts';
import { lastOutput, runCommand } from './exec.ts';
import { waitUntil } from './wait.ts';

/** Longest time of a job: MariaDB may have to repair its tables as it starts and flush its buffers as it stops. */
const JOB_MS = 180_000;
const ASK_MS = 10_000;

/** True where systemd is running and has this unit. */
export async function systemdKnows(unit: string): Promise<boolean> {
  if (unit === '' || !existsSync('/run/systemd/system')) return false;
  return (await systemctl(['cat', '--', unit])).code === 0;
}

/**
 * Lets systemd start, stop or restart a unit, and waits for the result. systemd owns the job from the first moment: it
 * is completed even if `signal` ends the wait or this process dies, so that a restart never leaves a service stopped.
 * The wait has a limit, since the job may wait for others, even for the one that stops this process, which would be a
 * deadlock. Throws `SERVICE_START_FAILED`, `SERVICE_FAILED`.
 */
export async function controlUnit(
  unit: string,
  action: 'start' | 'stop' | 'restart',
  signal?: AbortSignal,
): Promise<void> {
  const code = action === 'stop' ? 'SERVICE_FAILED' : 'SERVICE_START_FAILED';
  const fail = (why: string): AegirError =>
    new AegirError(code, `systemctl ${action} ${unit}: ${why}`, `See: journalctl -u ${unit}`);
  const asked = await systemctl(['--no-block', action, '--', unit]);
  if (asked.code !== 0) throw fail(lastOutput(asked));
  let state = '';
  const ended = await waitUntil(async () => {
    signal?.throwIfAborted();
    const { stdout } = await systemctl(['show', '--property=Job,ActiveState', '--', unit]);
    state = /^ActiveState=(.*)$/m.exec(stdout)?.[1] ?? '';
    // Shows the job's id; nothing, or 0, where there is none.
    return !/^Job=[1-9]/m.test(stdout);
  }, JOB_MS);
  if (!ended)
    throw fail(`its job did not finish within ${JOB_MS / 1000} seconds; systemctl list-jobs shows what it waits for`);
  const isSo = action === 'stop' ? state !== 'active' : state === 'active';
  if (!isSo) throw fail(`it is ${state || 'unknown'}`);
}

const systemctl = (args: string[]) => runCommand({ file: 'systemctl', args, timeoutMs: ASK_MS });
