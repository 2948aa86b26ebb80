import { join } from 'node:path';
import { platformDocroot, type SiteContext, sitePaths } from '../../model/context.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import type { DatabaseAccess } from '../../model/service-facts.ts';
import { CRON_S, type Engine, type PhpProgram, UPDATE_S } from '../engine.ts';
import { movedHomes } from '../moved-homes.ts';
import { drupalAdoption } from './adopt.ts';
import { detectDrupal } from './detect.ts';
import { drupalPlatformFiles, drupalSettings } from './settings.ts';

/** Drupal 8 and newer: one code base with a folder per site (core's multisite). */
export const drupal: Engine = {
  name: 'drupal',
  title: 'Drupal',
  looksFor: 'core/lib/Drupal.php of version 8 or newer, also below web/ or docroot/',
  needs: {
    phpMin: '7.3',
    extensions: ['dom', 'gd', 'json', 'mbstring', 'simplexml', 'tokenizer', 'xml'],
    databases: { mariadb: ['pdo_mysql'], sqlite: ['pdo_sqlite'] },
  },
  languages: async () => ['en'],
  detect: detectDrupal,
  // No distribution packages it.
  distributionMark: generatedNotice,
  platformFolders: (platform) => [join(platformDocroot(platform), 'sites')],
  platformFiles: drupalPlatformFiles,
  folders: () => [],
  ownFolders: siteFolders,
  links(site) {
    const { settings, files, extensions } = sitePaths(site);
    const here = join(platformDocroot(site.platform), 'sites', site.uri);
    return [
      { path: here, target: settings },
      { path: join(settings, 'files'), target: files },
      { path: join(settings, 'modules'), target: join(extensions, 'modules') },
      { path: join(settings, 'themes'), target: join(extensions, 'themes') },
    ];
  },
  settings: drupalSettings,
  web(site) {
    const paths = sitePaths(site);
    const extensions = (kind: string) => ({ url: `/sites/${site.uri}/${kind}/`, path: join(paths.extensions, kind) });
    return {
      docroot: platformDocroot(site.platform),
      frontController: '/index.php',
      entryPoints: [
        { path: '/index.php', pathInfo: true },
        { path: '/update.php', pathInfo: true },
        { path: '/core/authorize.php' },
        { path: '/core/rebuild.php' },
        { path: '/core/modules/statistics/statistics.php' },
      ],
      denied: [
        '\\.(engine|install|make|module|profile|theme|tpl\\.php|xtmpl)$',
        '^/(vendor|config|private)/',
        '^/sites/[^/]+/(private|config|settings[^/]*\\.php|[^/]*settings\\.php)',
        '^/(INSTALL|UPGRADE|CHANGELOG|MAINTAINERS|LICENSE|COPYRIGHT|README)[^/]*\\.(txt|md)$',
      ],
      folders: [
        // Drupal generates image styles and aggregated assets on the first request.
        { url: `/sites/${site.uri}/files/`, path: paths.files, fallback: true },
        extensions('modules'),
        extensions('themes'),
      ],
      rewrites: [],
      params: { AEGIR_SITE: site.uri },
    };
  },
  caches: ['files/css', 'files/js', 'files/php', 'files/styles'],
  cacheTables: ['cache_', 'cachetags'],
  readable: () => [],
  adoption: drupalAdoption,
  install: (site, { database }, { adminPassword }) => [
    program(site, 'install.php', 900, {
      title: site.title,
      profile: site.profile,
      language: site.language,
      admin: { name: site.admin.name, mail: site.admin.mail, password: adminPassword },
      folders: siteFolders(site),
      database: access(database),
    }),
  ],
  verify: (site) => program(site, 'verify.php', 180, {}),
  login: (site, user) => program(site, 'login.php', 60, { user }),
  cron: (site) => program(site, 'cron.php', CRON_S, {}),
  // Drush reads its option `uri` from this variable (its documentation, "Site aliases and options by environment").
  tools: (_site, { url }) => ({ DRUSH_OPTIONS_URI: url }),
  update: (site) => program(site, 'update.php', UPDATE_S, {}),
  renew: (site) => program(site, 'renew.php', 120, {}),
  moved: (site, from) =>
    program(site, 'moved.php', UPDATE_S, { from: from.url, fromSite: from.uri, homes: movedHomes(site, from) }),
};

/** The database in the form that PDO needs. */
const access = (access: DatabaseAccess) =>
  access.driver === 'sqlite'
    ? { dsn: `sqlite:${access.file}`, account: '' }
    : { dsn: `mysql:unix_socket=${access.socket};dbname=${access.database};charset=utf8mb4`, account: access.account };

/** Folders that the site's own user creates. */
function siteFolders(site: SiteContext): string[] {
  const { config, extensions, tmp } = sitePaths(site);
  return [join(config, 'sync'), join(extensions, 'modules'), join(extensions, 'themes'), join(tmp, 'php')];
}

const program = (site: SiteContext, file: string, seconds: number, input: PhpProgram['input']): PhpProgram => ({
  file,
  cwd: platformDocroot(site.platform),
  seconds,
  input: {
    root: platformDocroot(site.platform),
    site: site.uri,
    ...input,
  },
});
