import type { SiteContext } from '../model/context.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { SiteFacts } from '../services/service.ts';
import type { Services } from '../services/services.ts';
import type { Engines } from './engines.ts';

/** The facts from which the configuration files of a site are made. */
export function siteFacts({ engines }: { engines: Engines }, site: SiteContext): SiteFacts {
  const engine = engines.named(site.platform.engine);
  return { site, web: engine.web(site), php: { readable: engine.readable(site) } };
}

/** The pool and vhost of a site, and what other services have for it. */
export function siteConfig(known: { engines: Engines; services: Services }, site: SiteContext): GeneratedFile[] {
  const facts = siteFacts(known, site);
  return known.services.forSites(site.server).flatMap((driver) => driver.siteFiles(facts));
}
