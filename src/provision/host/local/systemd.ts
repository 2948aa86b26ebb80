import { existsSync } from 'node:fs';
import { AegirError } from '../../model/errors.ts';
import { lastWords, runCommand } from './exec.ts';
import { waitUntil } from './wait.ts';

/** Longest time of a job: MariaDB may have to repair its tables as it starts, and to empty its buffers as it stops. */
const JOB_MS = 180_000;
const ASK_MS = 10_000;

/** True where systemd runs and has a unit of this name. */
export async function systemdKnows(unit: string): Promise<boolean> {
  if (unit === '' || !existsSync('/run/systemd/system')) return false;
  return (await systemctl(['cat', '--', unit])).code === 0;
}

/**
 * Has systemd start, stop or restart a unit and waits until it is so. The job is systemd's own from the first moment:
 * when `signal` ends the wait, or this process dies, it is done all the same, and a restart leaves no service stopped.
 * It may have to wait for other jobs, even for that which stops this process, so that to wait without an end would stop
 * both for good. Throws `SERVICE_START_FAILED`, `SERVICE_FAILED`.
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
  if (asked.code !== 0) throw fail(lastWords(asked));
  let state = '';
  const ended = await waitUntil(async () => {
    signal?.throwIfAborted();
    const { stdout } = await systemctl(['show', '--property=Job,ActiveState', '--', unit]);
    state = /^ActiveState=(.*)$/m.exec(stdout)?.[1] ?? '';
    // A job's number; nothing, or 0, where there is none.
    return !/^Job=[1-9]/m.test(stdout);
  }, JOB_MS);
  if (!ended) throw fail(`its job has waited for ${JOB_MS / 1000} seconds; systemctl list-jobs shows for what`);
  const isSo = action === 'stop' ? state !== 'active' : state === 'active';
  if (!isSo) throw fail(`it is ${state || 'unknown'}`);
}

const systemctl = (args: string[]) => runCommand({ file: 'systemctl', args, timeoutMs: ASK_MS });
