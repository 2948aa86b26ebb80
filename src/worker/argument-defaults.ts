import { findBackup } from '../db/backups.ts';
import { findPlatform } from '../db/platforms.ts';
import { findSite } from '../db/sites.ts';
import { newSiteRefusal } from './availability.ts';
import type { Queue } from './queue.ts';
import { readSitePolicy } from './site-policy.ts';

type Default = (queue: Pick<Queue, 'inventory' | 'paths'>, object: string, args: Record<string, unknown>) => unknown;

/** What an argument means that was left open, by task type and name: said once and for all when a task is queued. */
const defaults: Record<string, Record<string, Default>> = {
  'site.delete': {
    backup: ({ paths }, _uri, { backup }) =>
      backup !== 'policy' ? backup : readSitePolicy(paths).backupBeforeDelete === 'always' ? 'yes' : 'no',
  },
  'site.restore': {
    // The code that it was made on, where that is still as it was.
    platform({ inventory }, uri, { platform, backup: name }) {
      const backup = findBackup(inventory, String(name));
      const made = backup && findPlatform(inventory, backup.platform);
      const fits = made && made.engine === backup.engine && made.version === backup.version;
      if (platform !== '' || !fits || newSiteRefusal(inventory, made)) return platform;
      return made.name === findSite(inventory, uri)?.platform ? '' : made.name;
    },
  },
};

/** The arguments of a task with what was left open filled in. */
export function withDefaults(
  queue: Pick<Queue, 'inventory' | 'paths'>,
  type: string,
  object: string,
  args: Record<string, unknown>,
): Record<string, unknown> {
  const filled = Object.entries(defaults[type] ?? {}).map(([name, choose]) => [name, choose(queue, object, args)]);
  return { ...args, ...Object.fromEntries(filled) };
}
