import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../errors.ts';
import { checkDaemon, daemonPid, startDaemon, stopDaemon } from '../daemons.ts';
import { lastWords, runCommand } from '../exec.ts';
import { checkPlain } from '../policy.ts';
import { sendSignal } from '../processes.ts';
import type { ServiceProcess } from '../root-acts.ts';
import { defineAct } from './act.ts';

const SYSTEMD_MS = 180_000;

const service = z.strictObject({
  unit: z.string().regex(/^([A-Za-z0-9][A-Za-z0-9.@_-]*)?$/),
  pidFile: z.string(),
  start: z.array(z.string().refine((word) => !word.includes('\0'))).min(1),
  reloadSignal: z.enum(['SIGHUP', 'SIGUSR2']).nullable(),
  stopSignal: z.enum(['SIGTERM', 'SIGQUIT']),
  foreground: z.boolean(),
});

export const serviceControl = defineAct('service.control', {
  args: z.strictObject({ service, action: z.enum(['start', 'reload', 'stop']) }),
  describe: ({ service: { start }, action }) => `${action} ${basename(start[0] ?? '')}`,
  async run({ service, action }, policy) {
    checkDaemon(service);
    checkPlain(service.pidFile);
    if (await systemdKnows(service.unit)) return bySystemd(service.unit, action);
    const program = basename(service.start[0] ?? '');
    const pid = daemonPid(service);
    if (action === 'start') {
      if (pid === undefined) await startDaemon(service, join(policy.paths.run, `${program}.start.log`));
    } else if (action === 'stop') {
      if (pid !== undefined) await stopDaemon(service, pid);
    } else if (pid === undefined) {
      throw new AegirError('SERVICE_DOWN', `${program} is not running`, 'aegir setup starts it.');
    } else {
      reload(service, program, pid);
    }
  },
});

function reload({ reloadSignal }: ServiceProcess, program: string, pid: number): void {
  if (reloadSignal === null) {
    throw new AegirError('SERVICE_NO_RELOAD', `${program} cannot read its configuration again`, 'Restart it by hand.');
  }
  sendSignal(pid, reloadSignal);
}

async function systemdKnows(unit: string): Promise<boolean> {
  if (unit === '' || !existsSync('/run/systemd/system')) return false;
  return (await runCommand({ file: 'systemctl', args: ['cat', '--', unit], timeoutMs: 10_000 })).code === 0;
}

async function bySystemd(unit: string, action: 'start' | 'reload' | 'stop'): Promise<void> {
  const result = await runCommand({ file: 'systemctl', args: [action, '--', unit], timeoutMs: SYSTEMD_MS });
  if (result.code === 0) return;
  const code = action === 'start' ? 'SERVICE_START_FAILED' : 'SERVICE_FAILED';
  throw new AegirError(code, `systemctl ${action} ${unit}: ${lastWords(result)}`, `See: journalctl -u ${unit}`);
}
