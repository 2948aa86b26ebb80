import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Inventory, openInventory } from '../../src/db/inventory.ts';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { saveServer } from '../../src/db/servers.ts';
import { updateSite } from '../../src/db/sites.ts';
import { endTask } from '../../src/db/task-changes.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { queueTask } from '../../src/worker/queue.ts';
import type { Queue } from '../../src/worker/queue-access.ts';

/** A root with a server and the platform `one`, on which nothing runs, for the program that is given. */
export interface SmallRoot {
  folder: string;
  db: Inventory;
  queue: Queue;
  /** Makes a site as its installation leaves it. */
  site(uri: string, client?: string): void;
  remove(): void;
}

export function openSmallRoot(program = standardProgram): SmallRoot {
  const folder = mkdtempSync(join(tmpdir(), 'aegir-small-'));
  const paths = rootPaths(folder);
  const db = openInventory(paths.inventory);
  const queue: Queue = {
    ...{ inventory: db, paths, program, readOnly: false },
    actor: { actor: 'root', sudoUser: null, sshClient: null },
  };
  const services = [{ kind: 'db' as const, driver: 'mariadb', version: '', settings: {} }];
  saveServer(db, { name: 'server_master', handlePrefix: 'aeg', uidBase: 20_000, webUser: 'w', services });
  const source = 'path:/srv/one';
  insertPlatform(db, { name: 'one', server: 'server_master', root: '/srv/one', source, managed: false });
  updatePlatform(db, 'one', { state: 'ready', engine: 'spip', version: '1', profiles: [{ name: 'd', title: '' }] });
  return {
    ...{ folder, db, queue },
    site(uri, client = 'admin') {
      const args = { platform: 'one', adminMail: 'a@example.org', client };
      endTask(db, queueTask(queue, { type: 'site.install', object: uri, args }), { state: 'succeeded' });
      updateSite(db, uri, { state: 'enabled', diskBytes: 5_000_000 });
    },
    remove() {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
