import { z } from 'zod';
import { AegirError, describeError } from '../../model/errors.ts';
import { settled } from '../checks/availability.ts';
import { fieldInfo } from '../model/fields.ts';
import type { Records, SiteRecord } from '../model/records.ts';
import { defineTask, type Step, type TaskContext, type TaskContexts } from '../model/task.ts';
import { removeAccount } from '../steps/account.ts';
import { removeDatabase } from '../steps/database.ts';
import { unlinkByName } from '../steps/finish.ts';
import { removeHome } from '../steps/folders.ts';
import { removeKept } from '../steps/kept.ts';
import { newBackup, openBackupFor, packContent, sealBackup } from '../steps/pack.ts';
import { unpublishSite } from '../steps/publish.ts';
import { removeLinks } from '../steps/settings.ts';
import { siteBackup } from './backup.ts';

/** The description of a site's last backup. */
export const LAST_BACKUP = 'made before the site was deleted';

const args = z.object({
  backup: z
    .enum(['policy', 'yes', 'no'])
    .default('policy')
    .register(fieldInfo, {
      title: 'Backup',
      asked: {
        question: 'Make a backup first?',
        choices: { yes: 'Yes, back it up, then delete it', no: 'No, delete it without a new backup' },
      },
      help: 'Whether to make a backup first. "policy" follows config.json, where "ask" asks on a terminal and otherwise means no.',
    }),
});
type DeleteTask = TaskContext<'site', z.infer<typeof args>>;

/**
 * Makes a step of the backup optional. If the backup fails the delete stops: nobody loses data without having agreed.
 */
const whenWanted = (step: Step<TaskContexts['site']>): Step<DeleteTask> => ({
  ...step,
  async run(ctx, io) {
    if (ctx.args.backup !== 'yes') return io.notNeeded('no backup is wanted');
    await step.run(ctx, io).catch((error: unknown) => {
      const { code, message } = describeError(error);
      throw new AegirError(
        code,
        `the backup failed: ${message}`,
        'Fix that, or delete the site without a backup (--backup no, unless config.json forbids it)',
      );
    });
  },
});

/** A site whose creation could not be undone can be deleted: there is no task left to wait for. */
const isAbandoned = ({ uri, state }: SiteRecord, records: Records): boolean =>
  state === 'installing' && !records.isBusy('site', uri);

/**
 * Removes a site completely. Nothing is removed before the commit, so that a cancelled delete leaves the site
 * unchanged; afterwards every step is repeated until nothing is left, also for an incomplete or broken site.
 */
export const siteDelete = defineTask({
  type: 'site.delete',
  title: 'Delete',
  summary: 'Removes a site: its files, database, account, Unix user, pool and vhost.',
  object: 'site',
  keys: ['d'],
  footer: 9,
  available: (site, records) => settled(isAbandoned(site, records) ? { ...site, state: 'failed' } : site),
  removes: true,
  defaults(records, uri, { backup }) {
    const { policy, file } = records.backupBeforeDelete();
    // A site that was never completely installed has nothing to back up.
    if (policy !== 'always' || !records.site(uri) || records.isInMaking(uri))
      return { backup: backup === 'policy' ? ('no' as const) : backup };
    if (backup !== 'no') return { backup: 'yes' as const };
    throw new AegirError(
      'BACKUP_WANTED',
      `${uri} must be backed up before it is deleted: "backupBeforeDelete" is "always" in ${file}`,
      `To delete a site that cannot be backed up, change "backupBeforeDelete" in ${file}.`,
      'backup',
    );
  },
  danger: 'typed',
  loses: 'its files, its database, its settings, its logs and its local files. Only a backup brings them back',
  args,
  // The time of a backup, plus the delete itself.
  timeLimitS: siteBackup.timeLimitS + 1800,
  async validate({ site }, io, problem) {
    // If the service is no longer installed, there is nothing to drop.
    if ((await io.services.db(site.server).state(io.host, site.server)) !== 'stopped') return;
    const hint = 'aegir server verify starts it.';
    problem('SERVICE_DOWN', `${io.services.db(site.server).name} is stopped, its database could not be dropped`, hint);
  },
  apply: [openBackupFor(LAST_BACKUP), packContent, sealBackup].map(whenWanted),
  commit: ({ site, args: { backup } }, result) => ({
    site: { removed: true },
    ...(backup === 'yes' ? { backup: newBackup(site, result, LAST_BACKUP, 'kept') } : {}),
  }),
  cleanUp: [unpublishSite, removeLinks, removeKept, removeDatabase, removeHome, removeAccount, unlinkByName],
});
