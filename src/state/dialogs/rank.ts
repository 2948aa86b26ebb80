import Fuse from 'fuse.js';
import type { PaletteEntry } from '../model/parts.ts';
import { hasInOrder } from '../tables/filter.ts';

const MOST_SHOWN = 100;

/** More than this many are narrowed before they are weighed, which is too slow for all of 100,000 at each key. */
const MOST_WEIGHED = 1000;

/** Puts the entries that fit what was typed in order, best first; a slip of the finger still finds the nearest. */
export function rankEntries(typed: string, entries: readonly PaletteEntry[]): readonly PaletteEntry[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return entries.slice(0, MOST_SHOWN);
  const near = narrow(wanted, entries);
  const fuse = new Fuse(near, {
    keys: [
      { name: 'text', weight: 3 },
      { name: 'name', weight: 2 },
      { name: 'about', weight: 1 },
    ],
    threshold: 0.4,
    ignoreLocation: true,
  });
  const found = fuse.search(wanted, { limit: MOST_SHOWN }).map(({ item }) => item);
  // Who types the beginning of a name means that name.
  const begins = found.filter((entry) => entry.text.toLowerCase().startsWith(wanted));
  return [...begins, ...found.filter((entry) => !begins.includes(entry))];
}

/** All while there are few; of many, those that hold what was typed, else those with its letters in order. */
function narrow(wanted: string, entries: readonly PaletteEntry[]): readonly PaletteEntry[] {
  if (entries.length <= MOST_WEIGHED) return entries;
  const holding = take(entries, ({ text, kind }) => kind === 'command' || text.includes(wanted));
  if (holding.some(({ kind }) => kind !== 'command')) return holding;
  const letters = wanted.replaceAll(' ', '');
  return take(entries, ({ text, kind }) => kind === 'command' || hasInOrder(text, letters));
}

function take(entries: readonly PaletteEntry[], fits: (entry: PaletteEntry) => boolean): PaletteEntry[] {
  const taken: PaletteEntry[] = [];
  for (const entry of entries) {
    if (!fits(entry)) continue;
    taken.push(entry);
    if (taken.length === MOST_WEIGHED) break;
  }
  return taken;
}
