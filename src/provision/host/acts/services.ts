import { basename, join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { checkDaemon, daemonPid, startDaemon, stopDaemon } from '../local/daemons.ts';
import { sendSignal } from '../local/processes.ts';
import { controlUnit, systemdKnows } from '../local/systemd.ts';
import { checkPlain } from '../policy.ts';
import type { ServiceProcess } from '../root-acts.ts';
import { defineAct } from './act.ts';

const service = z.strictObject({
  unit: z.string().regex(/^([A-Za-z0-9][A-Za-z0-9.@_-]*)?$/),
  pidFile: z.string(),
  start: z.array(z.string().refine((word) => !word.includes('\0'))).min(1),
  reloadSignal: z.enum(['SIGHUP', 'SIGUSR2']).nullable(),
  stopSignal: z.enum(['SIGTERM', 'SIGQUIT']),
  foreground: z.boolean(),
});

export const serviceControl = defineAct('service.control', {
  args: z.strictObject({ service, action: z.enum(['start', 'reload', 'stop', 'restart']) }),
  describe: ({ service: { start }, action }) => `${action} ${basename(start[0] ?? '')}`,
  async run({ service, action }, policy, live) {
    checkDaemon(service);
    checkPlain(service.pidFile);
    // By signal even where systemd runs: systemd's reload is a job, which waits for other jobs.
    if (action === 'reload') return reload(service);
    if (await systemdKnows(service.unit)) return controlUnit(service.unit, action, live?.signal);
    const pid = daemonPid(service);
    if (pid !== undefined && action !== 'start') await stopDaemon(service, pid);
    if (action === 'restart' || (action === 'start' && pid === undefined))
      await startDaemon(service, join(policy.paths.run, `${programOf(service)}.start.log`));
  },
});

const programOf = ({ start }: ServiceProcess): string => basename(start[0] ?? '');

function reload(service: ServiceProcess): void {
  const pid = daemonPid(service);
  if (pid === undefined) {
    throw new AegirError('SERVICE_DOWN', `${programOf(service)} is not running`, 'aegir setup starts it.');
  }
  const { reloadSignal } = service;
  if (reloadSignal === null) {
    throw new AegirError('SERVICE_NO_RELOAD', `${programOf(service)} cannot reload its configuration`, 'Restart it.');
  }
  sendSignal(pid, reloadSignal);
}
