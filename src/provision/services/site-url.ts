import type { SiteContext } from '../model/context.ts';
import { addressOf } from '../model/site-names.ts';
import { httpDriver } from './registry.ts';

/** The address of a site as people open it. */
export const siteUrl = (site: SiteContext): string => httpDriver(site.server).url(site.server, addressOf(site));
