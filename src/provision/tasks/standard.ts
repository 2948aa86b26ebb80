import { platformLock, platformUnlock, siteLock, siteUnlock } from './lock.ts';
import type { AnyTask } from './model/tasks.ts';
import { platformAdd } from './platform/add.ts';
import { platformDelete } from './platform/delete.ts';
import { platformVerify } from './platform/verify.ts';
import { serverRestart } from './server/restart.ts';
import { serverVerify } from './server/verify.ts';
import { siteAlias, siteRedirect } from './site/alias.ts';
import { siteBack, siteForget } from './site/back.ts';
import { siteBackup } from './site/backup.ts';
import { siteClone } from './site/clone.ts';
import { siteCron } from './site/cron.ts';
import { siteDelete } from './site/delete.ts';
import { siteDisable, siteEnable } from './site/enable.ts';
import { siteImport } from './site/import.ts';
import { siteInstall } from './site/install.ts';
import { siteLogin } from './site/login.ts';
import { siteMigrate } from './site/migrate.ts';
import { siteRename } from './site/rename.ts';
import { siteRestore } from './site/restore.ts';
import { siteSet } from './site/set.ts';
import { siteUpdate } from './site/update.ts';
import { siteVerify } from './site/verify.ts';

/** The task types of the program. */
export const standardTasks: readonly AnyTask[] = [
  serverVerify,
  serverRestart,
  platformAdd,
  platformVerify,
  platformLock,
  platformUnlock,
  platformDelete,
  siteInstall,
  siteVerify,
  siteLogin,
  siteBackup,
  siteRestore,
  siteClone,
  siteImport,
  siteMigrate,
  siteBack,
  siteForget,
  siteEnable,
  siteDisable,
  siteCron,
  siteUpdate,
  siteRename,
  siteAlias,
  siteRedirect,
  siteSet,
  siteLock,
  siteUnlock,
  siteDelete,
];
