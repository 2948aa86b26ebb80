import { join } from 'node:path';
import { findBackup } from '../db/backups.ts';
import { findPlatform } from '../db/platforms.ts';
import { findSite, isInMaking } from '../db/sites.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { type Field, fieldsOf } from '../provision/tasks/model/fields.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';
import { newSiteRefusal } from './availability.ts';
import type { Queue } from './queue-access.ts';
import { readSitePolicy } from './site-policy.ts';

type Default = (queue: Pick<Queue, 'inventory' | 'paths'>, object: string, args: Record<string, unknown>) => unknown;

/** Values of omitted arguments, by task type and name; determined when a task is queued. */
const defaults: Record<string, Record<string, Default>> = {
  'site.delete': {
    backup({ inventory, paths }, uri, { backup }) {
      const site = findSite(inventory, uri);
      const always = readSitePolicy(paths).backupBeforeDelete === 'always';
      // A site that was never completely installed has nothing to back up.
      if (!always || !site || isInMaking(inventory, site.id)) return backup === 'policy' ? 'no' : backup;
      if (backup === 'no') throw alwaysSaved(uri, paths);
      return 'yes';
    },
  },
  'site.restore': {
    // The platform on which the backup was made, if it still has the same version.
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
  const hint = `To delete a site that cannot be backed up, change "backupBeforeDelete" in ${file}.`;
  return new AegirError(
    'BACKUP_WANTED',
    `${uri} must be backed up before it is deleted: "backupBeforeDelete" is "always" in ${file}`,
    hint,
    'backup',
  );
};

/** The argument of a task that is asked before it starts, unless config.json answers it. */
export function askedOf(paths: RootPaths, definition: AnyTask): Field | undefined {
  const field = fieldsOf(definition.args).find(({ asked }) => asked !== undefined);
  return field && readSitePolicy(paths).backupBeforeDelete === 'ask' ? field : undefined;
}

/** The arguments of a task, with omitted ones filled in. */
export function withDefaults(
  queue: Pick<Queue, 'inventory' | 'paths'>,
  type: string,
  object: string,
  args: Record<string, unknown>,
): Record<string, unknown> {
  const filled = Object.entries(defaults[type] ?? {}).map(([name, choose]) => [name, choose(queue, object, args)]);
  return { ...args, ...Object.fromEntries(filled) };
}
