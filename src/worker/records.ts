import { join } from 'node:path';
import { findBackup, listBackups } from '../db/backups.ts';
import { clientId } from '../db/clients.ts';
import { findPlatform } from '../db/platforms.ts';
import { keptRelease, sitesKeptOn } from '../db/releases.ts';
import { siteSchedules } from '../db/schedules.ts';
import { findServer } from '../db/servers.ts';
import { findSite, isInMaking, ownerOfName, sitesOn } from '../db/sites.ts';
import { unfinishedTask } from '../db/task-recovery.ts';
import { isBusy } from '../db/tasks.ts';
import { type Records, refuse } from '../provision/tasks/model/records.ts';
import { checkQuota } from './clients.ts';
import { compareSite } from './compare.ts';
import type { RootFiles } from './open-root.ts';
import { readSitePolicy } from './site-policy.ts';

/** What the rules of task types may ask of a root's inventory. */
export function recordsOf({ inventory: db, paths }: RootFiles): Records {
  const idOf = (uri: string): number => findSite(db, uri)?.id ?? 0;
  return {
    server: (name) => findServer(db, name),
    site: (uri) => findSite(db, uri),
    platform: (name) => findPlatform(db, name),
    backup: (name) => findBackup(db, name),
    newestBackups: (uri) =>
      listBackups(db, uri)
        .slice(0, 3)
        .map(({ name }) => name),
    // The stored size, if its manifest could not be read yet.
    unpackedBytes: ({ site, bytes }) => site.filesBytes ?? bytes,
    ownerOfName: (name) => ownerOfName(db, name),
    hasClient: (name) => clientId(db, name) !== undefined,
    checkQuota: (client, bytes) => checkQuota(db, client, bytes),
    isInMaking: (uri) => isInMaking(db, idOf(uri)),
    isBusy: (kind, name) => isBusy(db, kind, name),
    unfinished(kind, name) {
      const task = unfinishedTask(db, kind, name);
      return (
        task &&
        refuse(
          'OBJECT_LOCKED',
          `${kind} ${name} is locked: task ${task.id} ${task.unfinished}`,
          `Fix the cause, then run: aegir task recover ${task.id}`,
        )
      );
    },
    hasKept: (uri) => keptRelease(db, idOf(uri)) !== undefined,
    sitesOn: (platform, limit) => sitesOn(db, platform, limit),
    sitesKeptOn: (platform) => sitesKeptOn(db, platform),
    schedulesOf: (uri) =>
      siteSchedules(db, idOf(uri)).map(({ taskType: type, minutes, args }) => ({ type, minutes, args })),
    moveOf(uri, name) {
      const [site, platform] = [findSite(db, uri), findPlatform(db, name)];
      return site && platform && compareSite(db, site, platform);
    },
    backupBeforeDelete: () => ({
      policy: readSitePolicy(paths).backupBeforeDelete,
      file: join(paths.etc, 'config.json'),
    }),
  };
}
