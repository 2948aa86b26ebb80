import { z } from 'zod';
import { AegirError } from '../../errors.ts';
import { lastWords, runCommand } from '../exec.ts';
import { defineAct } from './act.ts';

/** The only units that are enabled: our own. */
const ownUnits = ['aegir-worker.service'] as const;

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
      `apt-get install failed: ${lastWords(result)}`,
      'Check the network and /etc/apt, then run aegir setup again.',
    );
  },
});

export const unitEnable = defineAct('unit.enable', {
  args: z.strictObject({ unit: z.enum(ownUnits) }),
  describe: ({ unit }) => `enable and start ${unit}`,
  async run({ unit }) {
    // One that has failed too often in a row would be refused; of one that is not known yet there is nothing to forget.
    await runCommand({ file: 'systemctl', args: ['reset-failed', unit], timeoutMs: 60_000 });
    for (const args of [['daemon-reload'], ['enable', '--now', unit]]) {
      const result = await runCommand({ file: 'systemctl', args, timeoutMs: 60_000 });
      if (result.code !== 0)
        throw new AegirError(
          'UNIT_FAILED',
          `systemctl ${args.join(' ')}: ${lastWords(result)}`,
          `See: journalctl -u ${unit}`,
        );
    }
  },
});
