import { z } from 'zod';
import { phpBranches } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { settledPlatform } from '../checks/availability.ts';
import { defineTask } from '../model/task.ts';
import { detectPlatform, found, shareStep, tellSites } from './detect.ts';

/** Detects a platform's code again and stores engine, version, profiles and packages. */
export const platformVerify = defineTask({
  type: 'platform.verify',
  title: 'Verify',
  summary: 'Detects engine, version, profiles and packages again, and writes the files that let sites share the code.',
  object: 'platform',
  keys: ['v'],
  footer: 4,
  available: settledPlatform,
  danger: 'none',
  args: z.object({}),
  timeLimitS: 600,
  async validate({ platform }, io, problem) {
    if ((await io.host.stat(platform.root))?.kind === 'folder') return;
    problem('PLATFORM_MISSING', `${platform.root} does not exist`, 'Restore the folder, or delete the platform.');
  },
  apply: [
    {
      name: 'detect',
      title: 'Look at the code',
      async run({ platform, server, sites }, io) {
        const detection = await detectPlatform(io, platform.root, platform.root);
        if (sites.length > 0 && detection.engine !== platform.engine) {
          throw new AegirError(
            'ENGINE_CHANGED',
            `platform ${platform.name} was ${platform.engine} and is ${detection.engine} now, under ${sites.length} sites`,
            'Restore the old code: its sites cannot run on another CMS.',
          );
        }
        io.report({ ...detection });
        const [newest = 'none'] = phpBranches(server.services);
        if (platform.php !== '' && !phpBranches(server.services).includes(platform.php))
          io.log('warning', `PHP ${platform.php} is no longer on this server: ${newest} runs it and its sites`);
        await tellSites(platform, detection, io);
      },
    },
    shareStep,
  ],
  commit(_ctx, result) {
    const { engine, version, docroot, profiles, packages } = found.parse(result);
    return { platform: { state: 'ready', engine, version, docroot, profiles, packages } };
  },
  cleanUp: [],
});
