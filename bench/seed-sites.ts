import { join } from 'node:path';
import { clientId } from '../src/db/clients.ts';
import { openInventory, transact } from '../src/db/inventory.ts';
import { insertPlatform, updatePlatform } from '../src/db/platforms.ts';
import { saveServer } from '../src/db/servers.ts';
import { insertSite, updateSite } from '../src/db/sites.ts';

/** Creates an inventory with a server, a platform and a number of sites: `site-000000.example.org` and so on. */
export function seedSites(folder: string, sites: number): void {
  const db = openInventory(join(folder, 'inventory.sqlite'));
  saveServer(db, { name: 'server_master', handlePrefix: 'aeg', uidBase: 20_000, webUser: 'www-data', services: [] });
  insertPlatform(db, {
    name: 'code',
    server: 'server_master',
    root: '/srv/code',
    source: 'path:/srv/code',
    managed: false,
  });
  updatePlatform(db, 'code', {
    state: 'ready',
    engine: 'some',
    version: '1.0',
    profiles: [{ name: 'default', title: 'Default' }],
  });
  const client = clientId(db, 'admin') ?? 1;
  transact(db, () => {
    for (let number = 0; number < sites; number += 1) {
      const uri = `site-${String(number).padStart(6, '0')}.example.org`;
      insertSite(db, {
        uri,
        platform: 'code',
        clientId: client,
        title: uri,
        profile: 'default',
        language: 'en',
        adminName: 'admin',
        adminMail: 'a@example.org',
        php: { memoryMb: 256, uploadMb: 64, children: 5, timeS: 60 },
        databaseDriver: 'mariadb',
        handlePrefix: 'aeg',
        uidBase: 20_000,
      });
      updateSite(db, uri, { state: number % 7 === 0 ? 'disabled' : 'enabled' });
    }
  });
  db.close();
}
