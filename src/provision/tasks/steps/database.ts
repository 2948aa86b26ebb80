import { serviceOf } from '../../model/context.ts';
import type { Step, TaskContexts } from '../model/task.ts';

type SiteTask = TaskContexts['site'];

/** Creates the release's database and the site's account; the checks have refused foreign ones. Undo drops both. */
export const makeDatabase: Step<SiteTask> = {
  name: 'database',
  title: 'Make the database',
  async run({ site }, io) {
    io.save({});
    await io.services.db(site.server).make(io.host, site);
  },
  undo: ({ site }, io) => io.services.db(site.server).drop(io.host, site),
};

/** Drops the site's database and account. */
export const removeDatabase: Step<SiteTask> = {
  name: 'database',
  title: 'Drop the database',
  async run({ site }, io) {
    await io.services.db(site.server).drop(io.host, site);
    io.log('info', `dropped the database of ${site.handle} on ${serviceOf(site.server, 'db').driver}`);
  },
};
