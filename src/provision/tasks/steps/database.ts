import { type SiteContext, serviceOf } from '../../context.ts';
import { dbDriver } from '../../services/registry.ts';
import type { Step, TaskContexts } from '../../task.ts';

type SiteTask = TaskContexts['site'];

/** The names a release's database goes by, as the acts take them. */
function databaseOf(site: SiteContext): { socket: string; database: string; account: string } {
  const { socket, database, account } = dbDriver(site.server).access(site);
  return { socket, database, account };
}

/** Makes the release's database and the site's account. Undo drops both. */
export const makeDatabase: Step<SiteTask> = {
  name: 'database',
  title: 'Make the database and its account',
  async run({ site }, io) {
    const { socket, database, account } = databaseOf(site);
    const there = await io.host.act('db.list', { socket, prefix: site.handle });
    // A second run finds what the first one made; the check step has refused what others made.
    io.save({ database, account });
    if (!there.databases.includes(database)) await io.host.act('db.create', { socket, database });
    if (!there.accounts.includes(account)) await io.host.act('db.account.add', { socket, account, database });
  },
  undo: ({ site }, io) => dropDatabases(site, io),
};

/** Drops the site's databases and account. */
export const removeDatabase: Step<SiteTask> = {
  name: 'database',
  title: 'Drop the database and its account',
  run: ({ site }, io) => dropDatabases(site, io),
};

async function dropDatabases(site: SiteContext, io: Parameters<Step<SiteTask>['run']>[1]): Promise<void> {
  const { socket, database, account } = databaseOf(site);
  // The account first: it ends the connections that would hold the database.
  await io.host.act('db.account.remove', { socket, account });
  await io.host.act('db.drop', { socket, database });
  io.log('info', `dropped ${database} on ${serviceOf(site.server, 'db').driver}`);
}
