import { z } from 'zod';
import { settledPlatform } from '../checks/availability.ts';
import { type PlatformRecord, type Records, type Refusal, refuse } from '../model/records.ts';
import { defineTask } from '../model/task.ts';

function withoutSites(platform: PlatformRecord, records: Records): Refusal | undefined {
  const { count, first } = records.sitesOn(platform.name, 5);
  if (count === 0) {
    const [kept, ...more] = records.sitesKeptOn(platform.name);
    if (kept === undefined) return undefined;
    const who = more.length > 0 ? `${kept} and ${more.length} more` : kept;
    return refuse(
      'PLATFORM_IN_USE',
      `${who} can go back to ${platform.name}`,
      `Remove the kept release first: aegir site forget ${kept}`,
    );
  }
  const named = count > 5 ? `${first.join(', ')} and ${count - 5} more` : first.join(', ');
  return refuse('PLATFORM_IN_USE', `platform ${platform.name} has sites: ${named}`, 'Move or delete them first.');
}

/** Removes a platform that no site uses. A folder used in place stays; only our files in it are removed. */
export const platformDelete = defineTask({
  type: 'platform.delete',
  title: 'Delete',
  summary: 'Removes a platform that has no sites. A folder that was added with path: is kept.',
  object: 'platform',
  keys: ['d'],
  footer: 9,
  available: (platform, records) => settledPlatform(platform) ?? withoutSites(platform, records),
  danger: 'typed',
  loses: 'its code, unless it was added in place with path:',
  args: z.object({}),
  timeLimitS: 900,
  async validate({ platform, sites }, _io, problem) {
    if (sites.length === 0) return;
    problem(
      'PLATFORM_IN_USE',
      `platform ${platform.name} has sites: ${sites.join(', ')}`,
      'Move or delete them first.',
    );
  },
  apply: [],
  commit: () => ({ platform: { removed: true } }),
  cleanUp: [
    {
      name: 'remove',
      title: 'Remove the code, or what is ours in it',
      async run({ platform }, io) {
        if (platform.managed) {
          await io.host.act('tree.remove', { path: platform.root });
          return;
        }
        const files = platform.engine === '' ? [] : io.engines.named(platform.engine).platformFiles(platform);
        const ours: string[] = [];
        for (const { path, text } of files) if ((await io.host.readText(path)) === text) ours.push(path);
        for (const path of ours) await io.host.act('file.remove', { path });
        const stays = `${platform.root} was added in place and stays`;
        if (ours.length === 0) io.notNeeded(stays);
        else io.log('info', stays);
      },
    },
  ],
});
