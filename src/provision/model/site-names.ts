import { createHash } from 'node:crypto';
import type { SiteContext } from './context.ts';

/** What the names of a site follow from. */
export type Named = Pick<SiteContext, 'uri' | 'aliases' | 'web'>;

/** The names under which a site is shown, its address first, and those that lead to the address. */
export function webNames({ uri, aliases, web }: Named): { served: string[]; redirected: string[] } {
  const all = [uri, ...aliases];
  if (web.redirect === '' || !all.includes(web.redirect)) return { served: all, redirected: [] };
  const others = all.filter((name) => name !== web.redirect);
  const redirected = others.filter((name) => web.redirected?.includes(name) ?? true);
  return { served: [web.redirect, ...others.filter((name) => !redirected.includes(name))], redirected };
}

/** The name by which a site calls itself: the one that others lead to, or its URI. */
export const addressOf = (site: Named): string => webNames(site).served[0] ?? site.uri;

/** A site whose names have changed, without redirects that say nothing any more. */
export function settleRedirects<S extends Named>(site: S): S {
  const { uri, aliases, web } = site;
  const all = [uri, ...aliases];
  const redirected = web.redirected?.filter((name) => name !== web.redirect && all.includes(name)) ?? null;
  const none = web.redirect === '' || !all.includes(web.redirect) || (web.redirect === uri && redirected?.length === 0);
  return { ...site, web: { ...web, ...(none ? { redirect: '', redirected: null } : { redirected }) } };
}

/**
 * A name under which this machine alone sees a site past its password, or while it is closed; '' where it needs none.
 * Nobody guesses it who does not know the hash of the password.
 */
export function privateName({ handle, web: { serving, probe, auth } }: SiteContext): string {
  if (probe !== '' || serving !== 'open' || !auth) return probe;
  const secret = createHash('sha256').update(`probe ${handle} ${auth.hash}`).digest('hex').slice(0, 24);
  return `${handle}-${secret}.probe.invalid`;
}
