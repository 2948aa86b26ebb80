import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../errors.ts';
import { lastWords, runCommand } from '../exec.ts';
import type { ServiceProcess } from '../root-acts.ts';
import { defineAct } from './act.ts';

const READY_MS = 30_000;

const service = z.object({
  unit: z.string().regex(/^([a-z0-9][a-z0-9.@-]*)?$/),
  pidFile: z.string().startsWith('/'),
  start: z.array(z.string()).min(1),
  reloadSignal: z.enum(['SIGHUP', 'SIGUSR2']).nullable(),
  stopSignal: z.enum(['SIGTERM', 'SIGQUIT']),
  foreground: z.boolean(),
});

/** The daemons that may be started: nothing else is run as root in the background. */
const daemons = /^(nginx|php-fpm[0-9.]*|mariadbd|mysqld)$/;

export const serviceControl = defineAct('service.control', {
  args: z.object({ service, action: z.enum(['start', 'reload', 'stop']) }),
  describe: ({ service: { start }, action }) => `${action} ${basename(start[0] ?? '')}`,
  async run({ service, action }, policy) {
    const program = basename(service.start[0] ?? '');
    if (!daemons.test(program))
      throw new AegirError('ACT_REFUSED', `${program} is not a known service`, 'Nothing was done.');
    if (await systemdKnows(service.unit)) return bySystemd(service.unit, action);
    const pid = servicePid(service);
    if (action === 'start') {
      if (pid === undefined) await start(service, join(policy.paths.run, `${program}.start.log`));
    } else if (pid === undefined) {
      if (action === 'reload')
        throw new AegirError('SERVICE_DOWN', `${program} is not running`, 'aegir setup starts it.');
    } else if (action === 'reload') {
      if (service.reloadSignal) process.kill(pid, service.reloadSignal);
    } else {
      process.kill(pid, service.stopSignal);
      await until(() => servicePid(service) === undefined, `${program} does not stop`);
    }
  },
});

/** The process id of a running service, from its pid file; a stale file, or one whose number went to another program, is none. */
export function servicePid(service: ServiceProcess): number | undefined {
  try {
    const pid = Number(readFileSync(service.pidFile, 'utf8').trim());
    if (!Number.isInteger(pid) || pid <= 1) return undefined;
    process.kill(pid, 0);
    // An upgraded binary reads "/usr/sbin/nginx (deleted)".
    const program = basename(readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''));
    return program === basename(service.start[0] ?? '') ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function systemdKnows(unit: string): Promise<boolean> {
  if (unit === '' || !existsSync('/run/systemd/system')) return false;
  return (await runCommand({ file: 'systemctl', args: ['cat', '--', unit], timeoutMs: 10_000 })).code === 0;
}

async function bySystemd(unit: string, action: 'start' | 'reload' | 'stop'): Promise<void> {
  const result = await runCommand({ file: 'systemctl', args: [action, '--', unit], timeoutMs: 120_000 });
  if (result.code === 0) return;
  throw new AegirError(
    'SERVICE_FAILED',
    `systemctl ${action} ${unit}: ${lastWords(result)}`,
    `See: journalctl -u ${unit}`,
  );
}

/** Starts a daemon in a session of its own. Its output goes to a file, so that a failed start can be told. */
async function start(service: ServiceProcess, log: string): Promise<void> {
  const [file = '', ...args] = service.start;
  // Where no systemd makes them at boot, as in a container, the run folders may be missing.
  mkdirSync(dirname(service.pidFile), { recursive: true });
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'w', 0o600);
  // Without AEGIR_TASK: a recovery must never take a daemon for a task's child.
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };
  const child = spawn(file, args, { detached: true, stdio: ['ignore', output, output], env, cwd: '/' });
  closeSync(output);
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, signal) => {
    ended = `exit code ${code ?? signal}`;
  });
  child.unref();
  const failed = (): boolean => ended !== undefined && (service.foreground || ended !== 'exit code 0');
  const program = basename(file);
  await until(() => servicePid(service) !== undefined || failed(), `${program} does not become ready`);
  if (servicePid(service) !== undefined) return;
  const words = readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' / ');
  throw new AegirError(
    'SERVICE_START_FAILED',
    `${program} did not start: ${words || ended}`,
    `Its own words are in ${log}.`,
  );
}

async function until(condition: () => boolean, otherwise: string): Promise<void> {
  for (let waited = 0; waited < READY_MS; waited += 20) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new AegirError(
    'SERVICE_FAILED',
    `${otherwise} within ${READY_MS / 1000} seconds`,
    'See the log of the service.',
  );
}
