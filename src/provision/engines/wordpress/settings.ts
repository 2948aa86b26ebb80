import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { engineFile } from '../../host/local/own-files.ts';
import { type PlatformContext, platformDocroot, type SiteContext, sitePaths } from '../../model/context.ts';
import type { GeneratedFile } from '../../model/generated-file.ts';
import type { DatabaseAccess, Served } from '../../model/service-facts.ts';
import { heldLines, localPhp, phpFile, phpValue, settingsFiles } from '../php.ts';

/** The platform's wp-config.php, which loads the settings of the requested site. */
export const wordpressPlatformFiles = (platform: PlatformContext): GeneratedFile[] => [
  {
    path: join(platformDocroot(platform), 'wp-config.php'),
    group: 'root',
    mode: 0o644,
    text: phpFile(
      engineFile('wordpress', 'dispatch.php').replace(/^<\?php\n/, ''),
      "each site's settings/local.settings.php",
    ),
  },
];

export const saltNames = [
  'AUTH_KEY',
  'SECURE_AUTH_KEY',
  'LOGGED_IN_KEY',
  'NONCE_KEY',
  'AUTH_SALT',
  'SECURE_AUTH_SALT',
  'LOGGED_IN_SALT',
  'NONCE_SALT',
];

/** Settings, keys (created once: new ones would log everybody out), own lines and the must-use plugin of a site. */
export function wordpressSettings(site: SiteContext, served: Served): GeneratedFile[] {
  const own = settingsFiles(site);
  const salts = saltNames.map((name) => [name, randomBytes(48).toString('base64')] as const);
  return [
    own('wp-config.php', config(site, served)),
    own('salts.php', saltsPhp(salts), true),
    own('local.settings.php', localPhp('Constants that are defined here come before the ones of wp-config.php.'), true),
    own('mu-plugins/aegir.php', engineFile('wordpress', 'mu-plugin.php')),
    ...(served.database.driver === 'sqlite' ? [own('db.php', engineFile('wordpress', 'db.php'))] : []),
  ];
}

/** salts.php with these values. */
export function saltsPhp(salts: readonly (readonly [name: string, value: string])[]): string {
  const lines = salts.map(([name, value]) => `define(${phpValue(name)}, ${phpValue(value)});`);
  return `<?php\n// Keys of this site, made once.\n${lines.join('\n')}\n`;
}

function config(site: SiteContext, { url, network, database }: Served): string {
  const paths = sitePaths(site);
  const constants: Record<string, unknown> = {
    ...connection(paths.settings, database),
    DB_CHARSET: 'utf8mb4',
    DB_COLLATE: '',
    WP_HOME: url,
    WP_SITEURL: url,
    WP_CONTENT_DIR: paths.extensions,
    WP_CONTENT_URL: `${url}/site-content`,
    WPMU_PLUGIN_DIR: join(paths.settings, 'mu-plugins'),
    WP_TEMP_DIR: paths.tmp,
    AEGIR_FILES: paths.files,
    AEGIR_FILES_URL: `${url}/wp-content/uploads`,
    WP_MEMORY_LIMIT: `${site.php.memoryMb}M`,
    WP_MAX_MEMORY_LIMIT: `${site.php.memoryMb}M`,
    // Cron is run by a schedule, not during visits.
    DISABLE_WP_CRON: true,
    // The code belongs to the platform; a new version of it is a new platform.
    WP_AUTO_UPDATE_CORE: false,
    AUTOMATIC_UPDATER_DISABLED: true,
    DISALLOW_FILE_EDIT: true,
    FS_METHOD: 'direct',
    WP_DEBUG: false,
    ...(network ? {} : { WP_HTTP_BLOCK_EXTERNAL: true }),
  };
  const lines = Object.entries(constants).map(
    ([name, value]) => `defined('${name}') || define('${name}', ${phpValue(value)});`,
  );
  return phpFile(
    [
      heldLines,
      `require __DIR__ . '/local.settings.php';`,
      `require __DIR__ . '/salts.php';`,
      ...lines,
      `$table_prefix ??= 'wp_';`,
    ].join('\n'),
    'local.settings.php',
  );
}

/** MariaDB's account logs in by unix_socket, so the operating system authenticates it. */
function connection(settings: string, database: DatabaseAccess): Record<string, string> {
  if (database.driver === 'mariadb') {
    const { database: name, account, socket } = database;
    return { DB_NAME: name, DB_USER: account, DB_PASSWORD: '', DB_HOST: `localhost:${socket}` };
  }
  const file = { DB_DIR: dirname(database.file), DB_FILE: basename(database.file) };
  return { DB_NAME: 'site', DB_USER: '', DB_PASSWORD: '', DB_HOST: '', ...file, AEGIR_DB: join(settings, 'db.php') };
}
