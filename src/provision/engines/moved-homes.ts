import { type SiteContext, sitePaths } from '../model/context.ts';
import type { FormerPlace } from './engine.ts';

/** Pairs of absolute folders, old and new, that content may refer to, if the site's home was another one. */
export function movedHomes(site: SiteContext, { home }: FormerPlace): [string, string][] {
  const now = sitePaths(site).home;
  return home === undefined || home === now ? [] : [[`${home}/`, `${now}/`]];
}
