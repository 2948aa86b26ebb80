import { inventorySchema } from './001-inventory.ts';
import { siteLife } from './002-site-life.ts';
import { backups } from './003-backups.ts';
import { keptReleases } from './004-releases.ts';
import { backupKinds } from './005-backup-kinds.ts';
import { backupNames } from './006-backup-names.ts';
import { listRevision } from './007-list-revision.ts';
import { ownPackages } from './008-own-packages.ts';
import { keptNames } from './009-kept-names.ts';
import { siteChanges } from './010-site-changes.ts';
import { stepsNotNeeded } from './011-steps-not-needed.ts';
import { queueIndexes } from './012-queue-indexes.ts';
import { openServices } from './013-open-services.ts';
import { platformPhp } from './014-platform-php.ts';

/** SQL that migrates the inventory from version N to N + 1, at index N. A released entry never changes. */
export const migrations: readonly string[] = [
  inventorySchema,
  siteLife,
  backups,
  keptReleases,
  backupKinds,
  backupNames,
  listRevision,
  ownPackages,
  keptNames,
  siteChanges,
  stepsNotNeeded,
  queueIndexes,
  openServices,
  platformPhp,
];
