import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { lastOutput, runCommand } from '../local/exec.ts';
import { defineAct } from './act.ts';

/** The only units that are enabled or stopped: our worker, and the services that sites need. */
const knownUnit = z.string().regex(/^(aegir-worker|nginx|php\d+\.\d+-fpm|mariadb)\.service$/);
/** A worker finishes its current step before it stops, which may take a minute and a half. */
const UNIT_MS = 150_000;

export const packageInstall = defineAct('package.install', {
  args: z.strictObject({ packages: z.array(z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/)).min(1) }),
  describe: ({ packages }) => `install ${packages.join(' ')}`,
  async run({ packages }, _policy, live) {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (args: string[]) =>
      runCommand({ file: 'apt-get', args: ['-q', ...args], env, timeoutMs: 1_800_000, ...live });
    await apt(['update']);
    const result = await apt(['install', '-y', '--no-install-recommends', '--', ...packages]);
    if (result.code === 0) return;
    throw new AegirError(
      'PACKAGES_FAILED',
      `apt-get install failed: ${lastOutput(result)}`,
      'Check the network and /etc/apt, then run aegir setup again.',
    );
  },
});

export const unitEnable = defineAct('unit.enable', {
  args: z.strictObject({ unit: knownUnit }),
  describe: ({ unit }) => `enable and start ${unit}`,
  async run({ unit }) {
    // systemd refuses a unit that has failed too often until its counter is reset; for an unknown unit this fails
    // harmlessly.
    await runCommand({ file: 'systemctl', args: ['reset-failed', unit], timeoutMs: UNIT_MS });
    await systemctl(unit, 'daemon-reload');
    await systemctl(unit, 'enable', '--now', unit);
  },
});

export const unitStop = defineAct('unit.stop', {
  args: z.strictObject({ unit: knownUnit }),
  describe: ({ unit }) => `stop ${unit}`,
  run: ({ unit }) => systemctl(unit, 'stop', unit),
});

async function systemctl(unit: string, ...args: string[]): Promise<void> {
  const result = await runCommand({ file: 'systemctl', args, timeoutMs: UNIT_MS });
  if (result.code === 0) return;
  const message = `systemctl ${args.join(' ')}: ${lastOutput(result)}`;
  throw new AegirError('UNIT_FAILED', message, `See: journalctl -u ${unit}`);
}
