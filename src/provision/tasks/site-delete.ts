import { z } from 'zod';
import { dbDriver } from '../services/registry.ts';
import { defineTask } from '../task.ts';
import { removeAccount } from './steps/account.ts';
import { removeDatabase } from './steps/database.ts';
import { unlinkByName } from './steps/finish.ts';
import { removeHome } from './steps/folders.ts';
import { removeKept } from './steps/kept.ts';
import { unpublishSite } from './steps/publish.ts';
import { removeLinks } from './steps/settings.ts';

/**
 * Removes a site whole. Nothing is taken away before the commit, so that a delete that is cancelled leaves the
 * site as it was; after it every step is run forward until nothing is left, also of a half-made or broken site.
 */
export const siteDelete = defineTask({
  type: 'site.delete',
  title: 'Delete',
  summary: 'Removes a site: its files, database, account, Unix user, pool and vhost.',
  object: 'site',
  danger: 'typed',
  loses: 'its files, its database, its settings, its logs and its local files. Nothing brings them back',
  args: z.object({}),
  timeLimitS: 1800,
  async validate({ site }, io, problem) {
    // Where it is not installed any more, nothing of it is left to be dropped.
    if ((await dbDriver(site.server).state(io.host, site.server)) !== 'stopped') return;
    const hint = 'aegir server verify starts it.';
    problem('SERVICE_DOWN', `${dbDriver(site.server).name} is stopped, its database could not be dropped`, hint);
  },
  apply: [],
  commit: () => ({ site: { removed: true } }),
  cleanUp: [unpublishSite, removeLinks, removeKept, removeDatabase, removeHome, removeAccount, unlinkByName],
});
