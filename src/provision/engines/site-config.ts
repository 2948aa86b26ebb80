import type { SiteContext } from '../model/context.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import { siteDrivers } from '../services/publish.ts';
import { engineNamed } from './registry.ts';

/** The pool and vhost of a site. */
export function siteConfig(site: SiteContext): GeneratedFile[] {
  const engine = engineNamed(site.platform.engine);
  const web = engine.web(site);
  const readable = engine.readable(site);
  return siteDrivers(site.server).flatMap((driver) => driver.siteFiles(site, web, readable));
}
