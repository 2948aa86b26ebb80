import { join } from 'node:path';
import { findBackup } from '../db/backups.ts';
import { findPlatform } from '../db/platforms.ts';
import { findSite, isInMaking } from '../db/sites.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { type Field, fieldsOf } from '../provision/tasks/model/fields.ts';
import type { AnyTask } from '../provision/tasks/registry.ts';
import { newSiteRefusal } from './availability.ts';
import type { Queue } from './queue-access.ts';
import { readSitePolicy } from './site-policy.ts';

type Default = (queue: Pick<Queue, 'inventory' | 'paths'>, object: string, args: Record<string, unknown>) => unknown;

/** What an argument means that was left open, by task type and name: said once and for all when a task is queued. */
const defaults: Record<string, Record<string, Default>> = {
  'site.delete': {
    backup({ inventory, paths }, uri, { backup }) {
      const site = findSite(inventory, uri);
      const always = readSitePolicy(paths).backupBeforeDelete === 'always';
      // Of one that was never whole there is nothing to save.
      if (!always || !site || isInMaking(inventory, site.id)) return backup === 'policy' ? 'no' : backup;
      if (backup === 'no') throw alwaysSaved(uri, paths);
      return 'yes';
    },
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

const alwaysSaved = (uri: string, { etc }: RootPaths): AegirError => {
  const file = join(etc, 'config.json');
  const hint = `What cannot be saved is deleted once "backupBeforeDelete" says otherwise, in ${file}.`;
  return new AegirError('BACKUP_WANTED', `${uri} is saved before it is deleted: ${file} says always`, hint, 'backup');
};

/** What of a task is asked by itself before it is begun, unless config.json has answered it. */
export function askedOf(paths: RootPaths, definition: AnyTask): Field | undefined {
  const field = fieldsOf(definition.args).find(({ asked }) => asked !== undefined);
  return field && readSitePolicy(paths).backupBeforeDelete === 'ask' ? field : undefined;
}

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
