import type { SiteContext } from '../model/context.ts';
import { addressOf } from '../model/site-names.ts';
import { httpDriver } from './registry.ts';

/** The URL of a site. */
export const siteUrl = (site: SiteContext): string => httpDriver(site.server).url(site.server, addressOf(site));
