import type { Inventory } from '../db/inventory.ts';
import { findPlatform } from '../db/platforms.ts';
import { findSite } from '../db/sites.ts';
import { changeText } from '../provision/engines/compare-packages.ts';
import { compareSite } from './compare.ts';

type Notes = (db: Inventory, object: string, args: Record<string, unknown>) => string[];

/** What a person should know before the acts of a plan, by task type. */
const notesByType: Record<string, Notes> = {
  'site.migrate'(db, uri, { platform: name }) {
    const site = findSite(db, uri);
    const to = findPlatform(db, String(name));
    if (!site || !to) return [];
    const { changes, notes } = compareSite(db, site, to);
    const lines = changes.map(changeText);
    const core = `${site.engine} ${site.version} on ${site.platform} to ${to.version} on ${to.name}`;
    return [core, ...(lines.length > 0 ? lines : ['The packages that it uses are the same there.']), ...notes];
  },
};

/** Notes on what a task would mean for an object, as lines. */
export const planNotes = (db: Inventory, type: string, object: string, args: Record<string, unknown>): string[] =>
  notesByType[type]?.(db, object, args) ?? [];
