import type { PageDefinition } from '../definition.ts';
import { backupPage } from './backup.ts';
import { backupsPage } from './backups.ts';
import { batchPage } from './batch.ts';
import { clientsPage } from './clients.ts';
import { comparePage } from './compare.ts';
import { filePage } from './file.ts';
import { homePage } from './home.ts';
import { logPage } from './log.ts';
import { platformPage } from './platform.ts';
import { platformsPage } from './platforms.ts';
import { serverPage } from './server.ts';
import { serversPage } from './servers.ts';
import { sitePage } from './site.ts';
import { sitesPage } from './sites.ts';
import { taskPage } from './task.ts';
import { tasksPage } from './tasks.ts';

/** The pages that every console has. Commands that open them stand in this order in help and documents. */
export const standardPages: readonly PageDefinition[] = [
  homePage,
  sitesPage,
  platformsPage,
  serversPage,
  tasksPage,
  backupsPage,
  clientsPage,
  sitePage,
  platformPage,
  serverPage,
  taskPage,
  backupPage,
  comparePage,
  batchPage,
  logPage,
  filePage,
];
