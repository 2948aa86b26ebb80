import type { Tell } from './look.ts';
import type { Mask } from './mask.ts';
import type { World } from './world.ts';

/** What tables say for themselves: their own numbers, times and what is measured say nothing of the state. */
const queries: Record<string, string> = {
  site: `SELECT site.handle, client.name AS client, title, profile, language, admin_name, admin_mail, php, site.state, lock_reason, web
    FROM site JOIN client ON client.id = client_id`,
  name: `SELECT name, kind, handle FROM site_name JOIN site ON site.id = site_id`,
  release: `SELECT site.handle, number, platform.name AS platform, database_driver, database_name, release.state
    FROM release JOIN site ON site.id = site_id JOIN platform ON platform.id = platform_id`,
  schedule: 'SELECT handle, task_type, minutes, args FROM schedule JOIN site ON site.id = site_id',
  platform: 'SELECT name, root, docroot, source, managed, engine, version, profiles, state, lock_reason FROM platform',
  package: `SELECT platform.name AS platform, site.handle, kind, package.name, package.version
    FROM package LEFT JOIN platform ON platform.id = platform_id LEFT JOIN site ON site.id = site_id`,
  backup: 'SELECT name, uri, platform, engine, version, description FROM backup',
  client: 'SELECT name, mail, max_sites, max_disk_bytes FROM client',
  service: 'SELECT kind, driver, settings FROM service',
  // An open task or a secret that stays is a task that was not ended.
  task: "SELECT type, state, unfinished FROM task WHERE state IN ('queued', 'running', 'interrupted') OR unfinished IS NOT NULL",
  secret: 'SELECT task.type FROM task_secret JOIN task ON task.id = task_id',
};

/** The rows of the inventory that say what there is. */
export function lookAtInventory({ root }: World, mask: Mask, tell: Tell): void {
  for (const [table, sql] of Object.entries(queries)) {
    for (const row of root.inventory.prepare<[], Record<string, unknown>>(sql).all()) {
      const words = mask.text(JSON.stringify(row));
      // A release's number counts where it is not the current one.
      tell(
        `inventory ${table} ${table === 'release' && row.state !== 'staged' ? words.replace(/"number":\d+/, '') : words}`,
        '',
      );
    }
  }
}
