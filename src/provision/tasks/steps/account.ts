import { z } from 'zod';
import { sitePaths } from '../../model/context.ts';
import { savingStep } from '../model/saved.ts';
import type { Step, TaskContexts } from '../model/task.ts';

type SiteTask = TaskContexts['site'];

const NO_USERS = 'sites here have no users of their own';

/** Creates the site's Unix user. Undo removes it, with its processes, only if this step created it. */
export const makeAccount = savingStep<SiteTask, { existed: boolean }>({
  name: 'account',
  title: 'Make the Unix user',
  saved: z.object({ existed: z.boolean() }),
  async run({ site }, io) {
    if (!io.host.siteUsers) return io.notNeeded(NO_USERS);
    const { handle: user, uid } = site;
    await io.exclusive('accounts', async () => {
      io.save({ existed: (await io.host.account(user)) !== undefined });
      await io.host.act('user.add', { user, uid, home: sitePaths(site).home });
    });
  },
  async undo({ site }, io, { existed }) {
    if (existed) return;
    await io.exclusive('accounts', () => io.host.act('user.remove', { user: site.handle }));
  },
});

/** Ends the site's processes and removes its Unix user. */
export const removeAccount: Step<SiteTask> = {
  name: 'account',
  title: 'Remove the Unix user',
  async run({ site }, io) {
    if (!io.host.siteUsers) return io.notNeeded(NO_USERS);
    await io.exclusive('accounts', () => io.host.act('user.remove', { user: site.handle }));
  },
};
