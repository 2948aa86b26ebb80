import { randomUUID } from 'node:crypto';
import { insertBatch } from '../db/batches.ts';
import { findPlatform, listPlatforms, type PlatformRow } from '../db/platforms.ts';
import { AegirError, describeError, type ErrorDocument } from '../provision/errors.ts';
import { comparePlatforms, type PlatformComparison } from './compare.ts';
import { type Queue, queueTask, refuseReadOnly } from './queue.ts';

/** How the sites of a platform are moved. */
export interface MoveWish {
  from: string;
  to: string;
  /** URIs; all sites of the platform when empty. */
  sites: string[];
  atOnce: number;
  stopOnFailure: boolean;
  keepDays: number | undefined;
  /** Go on although packages are missing. */
  anyway: boolean;
}

/** What was queued, and what was not. */
export interface Move {
  batch: string;
  tasks: { id: number; uri: string }[];
  left: { uri: string; error: ErrorDocument }[];
}

/** Compares two platforms by their names, for the sites that are named or else for all. Throws `NO_SUCH_OBJECT`. */
export function compareByName(
  queue: Pick<Queue, 'inventory'>,
  from: string,
  to: string,
  uris: readonly string[] = [],
): PlatformComparison {
  const comparison = comparePlatforms(queue.inventory, mustFind(queue, from), mustFind(queue, to));
  if (uris.length === 0) return comparison;
  const known = comparison.sites.map(({ uri }) => uri);
  const unknown = uris.find((uri) => !known.includes(uri));
  if (unknown !== undefined) {
    const hint = `It has: ${known.slice(0, 5).join(', ') || 'none'}.`;
    throw new AegirError('NO_SUCH_OBJECT', `${from} has no site ${unknown}`, hint, 'sites');
  }
  return { ...comparison, sites: comparison.sites.filter(({ uri }) => uris.includes(uri)) };
}

/**
 * Queues a move for each site, as one batch. A site that cannot move is left out with its reason. Throws
 * `NO_SUCH_OBJECT`, `READ_ONLY`, and `NOTHING_TO_DO` when no site is left.
 */
export function queueMoves(queue: Queue, wish: MoveWish): Move {
  refuseReadOnly(queue);
  const { sites } = compareByName(queue, wish.from, wish.to, wish.sites);
  const batch = randomUUID();
  const { atOnce, stopOnFailure, keepDays, anyway } = wish;
  insertBatch(queue.inventory, { id: batch, atOnce, stopOnFailure });
  const move: Move = { batch, tasks: [], left: [] };
  const args = { platform: wish.to, anyway, ...(keepDays === undefined ? {} : { keepDays }) };
  for (const { uri } of sites) {
    try {
      move.tasks.push({ id: queueTask(queue, { type: 'site.migrate', object: uri, args, batch }), uri });
    } catch (error) {
      move.left.push({ uri, error: describeError(error) });
    }
  }
  return move;
}

function mustFind({ inventory }: Pick<Queue, 'inventory'>, name: string): PlatformRow {
  const row = findPlatform(inventory, name);
  if (row) return row;
  const names = listPlatforms(inventory).map((platform) => platform.name);
  const hint = names.length > 0 ? `There are: ${names.join(', ')}.` : 'There is none yet.';
  throw new AegirError('NO_SUCH_OBJECT', `there is no platform ${name}`, hint, 'platform');
}
