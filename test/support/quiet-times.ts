import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { savePackages } from '../../src/db/packages.ts';
import { findPlatform, insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { findSite, renameSite } from '../../src/db/sites.ts';
import { siteLogFolder } from '../../src/provision/model/paths.ts';
import type { Seeded } from './seed-inventory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Sets the times and places of a seeded root so that what the screen says of them is the same in every run. */
export function settleTimes(seeded: Seeded): void {
  const { db } = seeded;
  addNewer(db);
  furnishShop(seeded);
  const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
  const [minutes, hours, days] = [ago(4.5 * MINUTE), ago(3.5 * HOUR), ago(60 * HOUR)];
  db.prepare("UPDATE task SET queued_at = @hours, started_at = @hours, ended_at = @hours WHERE state = 'failed'").run({
    hours,
  });
  db.prepare("UPDATE task SET queued_at = @minutes, started_at = @minutes WHERE state = 'running'").run({ minutes });
  db.prepare('UPDATE step SET started_at = @minutes WHERE started_at IS NOT NULL').run({ minutes });
  db.prepare('UPDATE step SET ended_at = @minutes WHERE ended_at IS NOT NULL').run({ minutes });
  db.prepare('UPDATE backup SET created_at = @hours').run({ hours });
  for (const table of ['site', 'platform', 'server']) {
    db.prepare(`UPDATE ${table} SET created_at = @days, verified_at = @hours`).run({ days, hours });
  }
  db.prepare('UPDATE client SET created_at = @days').run({ days });
  db.prepare("UPDATE platform SET root = '/srv/platforms/' || name, source = 'path:/srv/platforms/' || name").run();
}

/** A newer platform, to which sites can move. */
function addNewer(db: Seeded['db']): void {
  insertPlatform(db, { name: 'wp-6.9', server: 'server_master', root: '', source: '', managed: false });
  updatePlatform(db, 'wp-6.9', { state: 'ready', engine: 'wordpress', version: '6.9', profiles: [] }, true);
  const akismet = { kind: 'plugin', name: 'akismet', title: 'Akismet Anti-spam', version: '5.3' };
  savePackages(db, { platformId: findPlatform(db, 'wp-6.9')?.id ?? 0 }, [akismet]);
}

/** Packages, a log and a name more for one site, and what its services must know to have files for it. */
function furnishShop({ db, paths }: Seeded): void {
  knowDrivers(db);
  const shop = findSite(db, 'shop.example.test');
  if (!shop) throw new Error('the seed has no shop.example.test');
  savePackages(db, { siteId: shop.id }, [
    { kind: 'module', name: 'token', title: 'Token', version: '1.15' },
    { kind: 'module', name: 'pathauto', title: 'Pathauto', version: '1.13' },
    { kind: 'theme', name: 'claro', title: 'Claro', version: '10.5.2' },
  ]);
  renameSite(db, shop.uri, { uri: shop.uri, aliases: ['www.shop.example.test'] });
  const folder = siteLogFolder(paths, shop.handle);
  mkdirSync(folder, { recursive: true });
  const changed = new Date(Date.now() - 4.5 * MINUTE);
  for (const [file, level] of [
    ['access.log', ''],
    ['error.log', ' [notice] 1#1:'],
  ] as const) {
    const lines = Array.from({ length: 40 }, (_, line) => `2026/11/23 10:00:00${level} line ${line} of the site\n`);
    writeFileSync(join(folder, file), lines.join(''));
    utimesSync(join(folder, file), changed, changed);
  }
  const settings = join(paths.etc, 'sites', shop.handle);
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, 'local.vhost.conf'), '# Written by people\nclient_max_body_size 64m;\n');
}

/** Services as their drivers have them, so that the files of a site are known. */
export function knowDrivers(db: Seeded['db']): void {
  const save = db.prepare('UPDATE service SET settings = ? WHERE kind = ?');
  const unstarted = { binary: '', conf: '', pidFile: '', unit: '' };
  save.run(JSON.stringify({ ...unstarted, commandLine: '', branch: '8.2' }), 'php');
  save.run(JSON.stringify({ ...unstarted, socket: '/run/x.sock' }), 'db');
}

/** Puts what goes on by itself, clocks and dates, at one value of the same width. */
export const stillClocks = (screen: string): string =>
  screen
    .replace(/20\d\d-\d\d-\d\d \d\d:\d\d/g, '2026-11-23 10:00')
    .replace(/(?<!\d\d-\d\d )\b\d\d:\d\d(?= *$)/gm, '04:30')
    .replace(/\b\d\d:\d\d:\d\d\b/g, '10:00:00')
    // On a busy machine a test may take minutes.
    .replace(/\b[4-9]m ago\b/g, '4m ago')
    // Of a root that is cut, what is left of its name.
    .replace(/…\S*?(?=\/(?:sites|etc|config)\/)/g, (cut) => `…${'~'.repeat(cut.length - 1)}`)
    .replace(/(?<=aegir-console-)\w{6}/g, '0a1b2c')
    // The id of a batch is random.
    .replace(/(?<=batch )[0-9a-f]{8}/g, '0a1b2c3d');
