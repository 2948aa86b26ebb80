import { randomUUID } from 'node:crypto';
import { insertBatch } from '../db/batches.ts';
import { findPlatform, listPlatforms, type PlatformRow } from '../db/platforms.ts';
import { sitesOn } from '../db/sites.ts';
import { AegirError, type ErrorDocument } from '../provision/model/errors.ts';
import { comparePlatforms, type PlatformComparison } from './compare.ts';
import type { MoveSettings } from './move-options.ts';
import { queueTask } from './queue.ts';
import { type Queue, refuseReadOnly } from './queue-access.ts';
import { inSlices, type Slices } from './slices.ts';

/** Which sites of a platform are moved, and how. */
export interface MoveRequest extends MoveSettings {
  from: string;
  to: string;
  /** URIs; empty for all sites of the platform. */
  sites: string[];
}

/** The tasks that were queued, and the sites that were left out. */
export interface Move {
  batch: string;
  tasks: { id: number; uri: string }[];
  left: { uri: string; error: ErrorDocument }[];
}

/** Compares two platforms by name, for the given sites or for all. Throws `NO_SUCH_OBJECT`. */
export function compareByName(
  queue: Pick<Queue, 'inventory'>,
  from: string,
  to: string,
  uris: readonly string[] = [],
): PlatformComparison {
  const platforms = [mustFind(queue, from), mustFind(queue, to)] as const;
  const wanted = new Set(sitesToMove(queue, platforms[0], uris));
  const comparison = comparePlatforms(queue.inventory, ...platforms);
  return { ...comparison, sites: comparison.sites.filter(({ uri }) => wanted.has(uri)) };
}

/** The sites of a platform, or the given ones. Throws `NO_SUCH_OBJECT` for a site that it does not have. */
function sitesToMove({ inventory }: Pick<Queue, 'inventory'>, from: PlatformRow, uris: readonly string[]): string[] {
  const { first: known } = sitesOn(inventory, from.name);
  const has = new Set(known);
  const unknown = uris.find((uri) => !has.has(uri));
  if (unknown !== undefined) {
    const hint = `It has: ${known.slice(0, 5).join(', ') || 'none'}.`;
    throw new AegirError('NO_SUCH_OBJECT', `${from.name} has no site ${unknown}`, hint, 'sites');
  }
  const wanted = new Set(uris);
  return known.filter((uri) => wanted.size === 0 || wanted.has(uri));
}

/**
 * Queues a move for each site, as one batch. A site that cannot move is skipped, with the reason. Throws
 * `NO_SUCH_OBJECT`, `READ_ONLY`.
 */
export function queueMoves(queue: Queue, wish: MoveRequest): Move {
  const { batch, slices } = beginMoves(queue, wish);
  let more = true;
  while (more) more = slices.next();
  return {
    batch,
    tasks: slices.given.map(({ item: uri, id }) => ({ id, uri })),
    left: slices.refused.map(({ item: uri, error }) => ({ uri, error })),
  };
}

/** Creates the batch; its tasks are queued slice by slice. Throws as `queueMoves`. */
export function beginMoves(queue: Queue, wish: MoveRequest): { batch: string; slices: Slices<string> } {
  refuseReadOnly(queue);
  mustFind(queue, wish.to);
  const uris = sitesToMove(queue, mustFind(queue, wish.from), wish.sites);
  const batch = randomUUID();
  const { atOnce, stopOnFailure, keepDays, anyway } = wish;
  insertBatch(queue.inventory, { id: batch, atOnce, stopOnFailure });
  const args = { platform: wish.to, anyway, keepDays };
  const slices = inSlices(queue, uris, (uri) => queueTask(queue, { type: 'site.migrate', object: uri, args, batch }));
  return { batch, slices };
}

function mustFind({ inventory }: Pick<Queue, 'inventory'>, name: string): PlatformRow {
  const row = findPlatform(inventory, name);
  if (row) return row;
  const names = listPlatforms(inventory).map((platform) => platform.name);
  const hint = names.length > 0 ? `Known platforms: ${names.join(', ')}.` : 'There are none yet.';
  throw new AegirError('NO_SUCH_OBJECT', `there is no platform ${name}`, hint, 'platform');
}
