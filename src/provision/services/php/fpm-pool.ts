import { join } from 'node:path';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import type { SiteFacts } from '../service.ts';
import { mailSettings } from './mail.ts';

/**
 * Global settings, and an idle pool: FPM does not start without a pool, so this one lets it run before the first site
 * and after the last.
 */
export const serverPool = (socket: string): string => `; ${generatedNotice} files of your own beside the include line.
[global]
; A reload lets running requests end, but no longer than this: meanwhile FPM answers no site at all.
process_control_timeout = 10s
[aegir]
user = nobody
listen = ${value(socket)}
listen.owner = root
listen.mode = 0600
pm = ondemand
pm.max_children = 1
security.limit_extensions = .none
; FPM looks for requests over their time every third of the shortest limit there is, for all pools.
request_terminate_timeout = 3s
`;

/**
 * A site's pool; without `ownUser` it runs as the user that starts PHP-FPM. Throws `CONFIG_VALUE` for a value that
 * could end its line.
 */
export function sitePool(site: SiteContext, { readable, socket }: SiteFacts['php'], ownUser = true): string {
  const { local, tmp } = sitePaths(site);
  const { children, timeS } = site.php;
  return `; ${generatedNotice} ${join(local, 'local.pool.conf')}
[${site.handle}]
${ownUser ? `user = ${site.handle}\ngroup = ${site.handle}\n` : ''}listen = ${value(socket)}
${ownUser ? `listen.owner = ${value(site.server.webUser)}\n` : ''}listen.mode = 0600
pm = ondemand
pm.max_children = ${children}
pm.process_idle_timeout = 30s
pm.max_requests = 1000
; PHP's own limit counts its work; this one counts the clock and ends what does not heed the other.
request_terminate_timeout = ${timeS + 5}s
clear_env = yes
security.limit_extensions = .php
; People's lines go between: of FPM's own directives the last one counts, of settings and variables the first.
include = ${value(join(local, 'local.pool*.conf'))}
[${site.handle}]
env[HOME] = ${value(sitePaths(site).home)}
env[TMPDIR] = ${value(tmp)}
env[PATH] = /usr/local/bin:/usr/bin:/bin
${settingLines('php_admin_value', fixedValues(site, readable))}
${settingLines('php_value', changeableValues)}
${mailLines(site)}`;
}

/** Single quotes have no meaning to FPM within double quotes; the path between them is checked. */
const mailLines = (site: SiteContext): string =>
  Object.entries(mailSettings(site))
    .map(([name, text]) => `php_admin_value[${name}] = "${text}"\n`)
    .join('');

/** Settings that the site's code cannot change. */
export function fixedValues(site: SiteContext, readable: string[]): Record<string, string> {
  const { home, tmp } = sitePaths(site);
  const { memoryMb, uploadMb, timeS } = site.php;
  return {
    // The trailing slash excludes siblings whose names begin with the same characters.
    open_basedir: [site.platform.root, home, ...readable].map((path) => `${path}/`).join(':'),
    sys_temp_dir: tmp,
    upload_tmp_dir: tmp,
    'session.save_path': tmp,
    // FPM passes errors on to the web server, which writes them to the site's error log, a file of root's.
    log_errors: 'on',
    expose_php: 'off',
    allow_url_include: 'off',
    enable_dl: 'off',
    memory_limit: `${memoryMb}M`,
    upload_max_filesize: `${uploadMb}M`,
    // Room for the other form fields.
    post_max_size: `${uploadMb + 1}M`,
    max_execution_time: String(timeS),
    // All pools of a master share opcache's memory: without this check one site could read another's code from it.
    'opcache.validate_permission': '1',
    // Settings change under a running PHP: with the default of two seconds, a page built meanwhile would use old ones.
    'opcache.revalidate_freq': '0',
    // These reveal all sites, or clear the cache of all.
    disable_functions: 'opcache_get_status,opcache_get_configuration,opcache_reset',
  };
}

/** Settings that the site's code may change. */
export const changeableValues: Record<string, string> = {
  display_errors: 'off',
  // Long forms, such as menus and permissions.
  max_input_vars: '5000',
  'session.use_strict_mode': '1',
  'session.cookie_httponly': '1',
  'session.cookie_samesite': 'Lax',
  // Debian sets 0 and has cron clean its own folder, but not this one.
  'session.gc_probability': '1',
};

/** The initial content of the file for people's own lines. */
export const localPool = (
  uri: string,
): string => `; Your own lines for the PHP pool of ${uri}; they go before those of Aegir Console.
; Aegir Console made this file once and never changes it. After a change: aegir site verify ${uri}
`;

const settingLines = (kind: string, values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, text]) => `${kind}[${name}] = ${value(text)}`)
    .join('\n');

/** A value in quotes, so that no character of a path is special in FPM's ini syntax. Throws `CONFIG_VALUE`. */
function value(text: string): string {
  if (/^[^"'`\\;{}$\u0000-\u001f\u007f]*$/.test(text)) return `"${text}"`;
  throw new AegirError(
    'CONFIG_VALUE',
    `${JSON.stringify(text)} cannot be written into PHP's configuration`,
    'Leave out quotes, backslashes, dollar signs, semicolons, braces and control characters.',
  );
}
