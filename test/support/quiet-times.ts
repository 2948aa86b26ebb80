import { savePackages } from '../../src/db/packages.ts';
import { findPlatform, insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import type { Seeded } from './seed-inventory.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Sets the times and places of a seeded root so that what the screen says of them is the same in every run. */
export function settleTimes({ db }: Seeded): void {
  addNewer(db);
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

/** Puts what goes on by itself, clocks and dates, at one value of the same width. */
export const stillClocks = (screen: string): string =>
  screen
    .replace(/20\d\d-\d\d-\d\d \d\d:\d\d/g, '2026-11-23 10:00')
    .replace(/(?<!\d\d-\d\d )\b\d\d:\d\d(?= *$)/gm, '04:30')
    // The id of a batch is random.
    .replace(/(?<=batch )[0-9a-f]{8}/g, '0a1b2c3d');
