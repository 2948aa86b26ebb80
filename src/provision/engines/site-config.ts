import type { SiteContext } from '../model/context.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import type { Services } from '../services/services.ts';
import type { Engines } from './engines.ts';

/** The pool and vhost of a site. */
export function siteConfig(
  { engines, services }: { engines: Engines; services: Services },
  site: SiteContext,
): GeneratedFile[] {
  const engine = engines.named(site.platform.engine);
  const web = engine.web(site);
  const readable = engine.readable(site);
  return services.forSites(site.server).flatMap((driver) => driver.siteFiles(site, web, readable));
}
