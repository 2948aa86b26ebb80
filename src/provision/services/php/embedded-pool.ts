import { join } from 'node:path';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import type { GeneratedFile } from '../../model/generated-file.ts';
import { frontFile } from '../front.ts';
import { changeableValues, fixedValues } from './fpm-pool.ts';
import { mailSettings } from './mail.ts';

/** The settings of a site's PHP for an embedded driver, as a PHP-FPM pool would have them. */
export function embeddedPool(site: SiteContext, readable: string[], socket = ''): GeneratedFile {
  const { home, tmp, logs } = sitePaths(site);
  const ini = {
    ...changeableValues,
    ...fixedValues(site, readable),
    ...mailSettings(site),
    error_log: join(logs, 'error.log'),
  };
  const { children } = site.php;
  const env = { HOME: home, TMPDIR: tmp };
  return frontFile(site.server, `php-${site.handle}.json`, { handle: site.handle, ini, env, children, socket });
}
