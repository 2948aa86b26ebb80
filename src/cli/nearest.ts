import Fuse from 'fuse.js';

/** The names most similar to one that was not found, best first, at most three. */
export function nearest(wanted: string, names: string[]): string[] {
  const fuse = new Fuse(names, { threshold: 0.5, ignoreLocation: true });
  return fuse.search(wanted, { limit: 3 }).map(({ item }) => item);
}
