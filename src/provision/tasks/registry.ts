import type { z } from 'zod';
import { AegirError, type Json } from '../model/errors.ts';
import { platformLock, platformUnlock, siteLock, siteUnlock } from './lock.ts';
import type { InventoryChange, ObjectKind, Problem, Step, StepIo } from './model/task.ts';
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

/** A task definition without its context type, for the queue, forms and help pages. */
export interface AnyTask {
  type: string;
  title: string;
  summary: string;
  object: ObjectKind;
  creates?: boolean;
  removes?: boolean;
  leavesServices?: boolean;
  danger: 'none' | 'confirm' | 'typed';
  loses?: string;
  args: z.ZodObject;
  timeLimitS: number;
  validate(ctx: unknown, io: StepIo, problem: Problem): Promise<void>;
  apply: Step<unknown>[];
  commit(ctx: unknown, result: Readonly<Record<string, Json>>): InventoryChange;
  cleanUp: Step<unknown>[];
}

/** Every task type. */
export const taskDefinitions: readonly AnyTask[] = [
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

const byType = new Map(taskDefinitions.map((task) => [task.type, task]));

/** A task type by name. Throws `TASK_UNKNOWN`. */
export function taskDefinition(type: string): AnyTask {
  const task = byType.get(type);
  if (task) return task;
  throw new AegirError(
    'TASK_UNKNOWN',
    `there is no task type ${type}`,
    `Known types: ${[...byType.keys()].join(', ')}.`,
  );
}
