import { createHash } from 'node:crypto';

/** Draws `count` of them, the same for the same seed, in their order; all when undefined. */
export function pick<T>(from: T[], count: number | undefined, seed: string): T[] {
  if (count === undefined || count >= from.length) return from;
  const rank = (place: number): string => createHash('sha256').update(`${seed} ${place}`).digest('hex');
  const drawn = from
    .map((_, place) => place)
    .sort((one, other) => (rank(one) < rank(other) ? -1 : 1))
    .slice(0, count);
  return drawn.sort((one, other) => one - other).flatMap((place) => from.slice(place, place + 1));
}
