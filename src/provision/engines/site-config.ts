import type { SiteContext } from '../model/context.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { SiteFacts, SiteServiceDriver } from '../services/service.ts';
import { inUse, type Placed, type Services } from '../services/services.ts';
import type { Engines } from './engines.ts';

/** What knows the parts of a site's configuration. */
interface Makers {
  engines: Engines;
  services: Services;
}

/** The facts from which the configuration files of a site are made. */
export function siteFacts({ engines, services }: Makers, site: SiteContext): SiteFacts {
  const engine = engines.named(site.platform.engine);
  return { site, web: engine.web(site), php: { readable: engine.readable(site), socket: services.socket(site) } };
}

/** The pool and vhost of a site, and what other services have for it. */
export const siteConfig = (makers: Makers, site: SiteContext): GeneratedFile[] =>
  filesOf(makers, site, inUse(makers.services.forSites(site.server), site.server));

/** The paths of files that a site no longer has where another service of its server has served it: its pool for another PHP. */
export function formerConfig(makers: Makers, site: SiteContext): string[] {
  const placed = makers.services.forSites(site.server);
  const used = inUse(placed, site.server);
  const written = new Set(filesOf(makers, site, used).map(({ path }) => path));
  return filesOf(
    makers,
    site,
    placed.filter((one) => !used.includes(one)),
  )
    .filter(({ path, once }) => !once && !written.has(path))
    .map(({ path }) => path);
}

const filesOf = (makers: Makers, site: SiteContext, placed: Placed<SiteServiceDriver>[]): GeneratedFile[] =>
  placed.flatMap(({ driver, server }) => driver.siteFiles(siteFacts(makers, { ...site, server })));
