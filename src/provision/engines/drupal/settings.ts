import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type PlatformContext, platformDocroot, type SiteContext, sitePaths } from '../../model/context.ts';
import type { GeneratedFile } from '../../model/generated-file.ts';
import type { DatabaseAccess, Served } from '../../model/service-facts.ts';
import { heldLines, hostPattern, localPhp, phpFile, phpValue, settingsFiles } from '../php.ts';

/**
 * The platform's sites.php. Without it core never looks beyond sites/default (DrupalKernel::findSitePath()). The web
 * server says which site is requested; its host name, with the port, is mapped to that folder.
 */
export const drupalPlatformFiles = (platform: PlatformContext): GeneratedFile[] => [
  {
    path: join(platformDocroot(platform), 'sites/sites.php'),
    // An existing sites.php still maps the other sites of the code base.
    keep: join(platformDocroot(platform), 'sites/local.sites.php'),
    group: 'root',
    mode: 0o644,
    text: phpFile(
      `
if (is_file(__DIR__ . '/local.sites.php')) {
  require __DIR__ . '/local.sites.php';
}
$sites ??= [];
if (isset($_SERVER['AEGIR_SITE'], $_SERVER['HTTP_HOST'])) {
  $sites[implode('.', array_reverse(explode(':', rtrim(strtolower($_SERVER['HTTP_HOST']), '.'))))] = $_SERVER['AEGIR_SITE'];
}`,
      "each site's settings/local.settings.php",
    ),
  },
];

/** Settings, hash salt (created once) and own lines of a site. */
export function drupalSettings(site: SiteContext, { database }: Served): GeneratedFile[] {
  const own = settingsFiles(site);
  return [
    own('settings.php', settingsPhp(site, database)),
    own('salt.php', saltPhp(randomBytes(48).toString('base64')), true),
    own('local.settings.php', localPhp('Lines here come after the ones of settings.php.'), true),
  ];
}

/** salt.php with this salt. */
export const saltPhp = (salt: string): string => `<?php\n// Salt of this site, made once.\nreturn ${phpValue(salt)};\n`;

function settingsPhp(site: SiteContext, database: DatabaseAccess): string {
  const paths = sitePaths(site);
  const values: Record<string, unknown> = {
    config_sync_directory: join(paths.config, 'sync'),
    file_public_path: `sites/${site.uri}/files`,
    file_private_path: paths.private,
    file_temp_path: paths.tmp,
    trusted_host_patterns: [site.uri, ...site.aliases].map(hostPattern),
    update_free_access: false,
    // The settings folder belongs to root, so Drupal has nothing to harden there.
    skip_permissions_hardening: true,
    // A user who changes the mode of a folder loses its setgid bit if the group is another; the web server must still
    // be able to read the content. Others cannot enter the folder above.
    file_chmod_directory: 0o755,
    file_chmod_file: 0o644,
  };
  const lines = [
    heldLines,
    ...connection(database),
    `$settings['hash_salt'] = require __DIR__ . '/salt.php';`,
    ...Object.entries(values).map(([name, value]) => `$settings['${name}'] = ${phpValue(value)};`),
    `$settings['php_storage']['default']['directory'] = ${phpValue(join(paths.tmp, 'php'))};`,
    // Cron is run by a schedule, not during visits.
    `$config['automated_cron.settings']['interval'] = 0;`,
    `require __DIR__ . '/local.settings.php';`,
  ];
  return phpFile(lines.join('\n'), 'local.settings.php');
}

/** Before 9.4 the drivers are in core/lib; a namespace that does not exist would break the site. */
function connection(database: DatabaseAccess): string[] {
  const driver = database.driver === 'sqlite' ? 'sqlite' : 'mysql';
  const facts = {
    ...(database.driver === 'sqlite' ? { database: database.file } : mysqlFacts(database)),
    driver,
    prefix: '',
    namespace: `Drupal\\${driver}\\Driver\\Database\\${driver}`,
    autoload: `core/modules/${driver}/src/Driver/Database/${driver}/`,
  };
  return [
    `$databases['default']['default'] = ${phpValue(facts)};`,
    `if (!is_dir($app_root . '/core/modules/${driver}')) {`,
    `  unset($databases['default']['default']['autoload']);`,
    `  $databases['default']['default']['namespace'] = 'Drupal\\\\Core\\\\Database\\\\Driver\\\\${driver}';`,
    '}',
  ];
}

/** The account logs in by unix_socket, so the operating system authenticates it. */
const mysqlFacts = ({ database, account, socket }: Extract<DatabaseAccess, { driver: 'mariadb' }>) => ({
  database,
  username: account,
  password: '',
  host: 'localhost',
  unix_socket: socket,
  charset: 'utf8mb4',
  collation: 'utf8mb4_general_ci',
  init_commands: { isolation_level: 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED' },
});
