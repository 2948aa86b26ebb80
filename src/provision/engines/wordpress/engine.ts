import { join } from 'node:path';
import { platformDocroot, type SiteContext, sitePaths } from '../../model/context.ts';
import { CRON_S, type Engine, type PhpProgram, UPDATE_S } from '../engine.ts';
import { movedHomes } from '../moved-homes.ts';
import { wordpressAdoption } from './adopt.ts';
import { detectWordpress, wordpressMark } from './detect.ts';
import { wordpressPlatformFiles, wordpressSettings } from './settings.ts';

const pluginFolder = 'wp-content/plugins/sqlite-database-integration';
const pluginPart = 'src/sqlite-database-integration/sqlite-database-integration.zip';

/** The builds of WordPress Playground: a zip of the code, and the static files beside it. */
const builds = {
  package: '@wp-playground/wordpress-builds',
  parts: [
    // Its wp-config.php is specific to Playground.
    { from: 'src/wordpress/wp-6.5.zip', to: '', except: ['wp-config.php'] },
    { from: 'public/wp-6.5', to: '' },
    { from: pluginPart, to: pluginFolder },
  ],
};

/** WordPress's own plugin for SQLite databases. */
const sqlitePlugin = {
  title: 'the SQLite plugin of WordPress',
  mark: `${pluginFolder}/wp-includes/sqlite/db.php`,
  into: pluginFolder,
  from: [
    'archive:https://downloads.wordpress.org/plugin/sqlite-database-integration.zip',
    `npm:${builds.package}@0.9.19`,
  ],
  part: pluginPart,
};

/** WordPress 6 and newer. One copy of the code serves many sites: a dispatching wp-config.php loads each one's settings. */
export const wordpress: Engine = {
  name: 'wordpress',
  title: 'WordPress',
  looksFor: 'wp-includes/version.php',
  needs: {
    phpMin: '7.4',
    extensions: ['json', 'mbstring', 'xml'],
    databases: { mariadb: ['mysqli'], sqlite: ['pdo_sqlite'] },
  },
  sources: ['archive:https://wordpress.org/latest.tar.gz', `npm:${builds.package}@0.9.19`, 'debian:wordpress/trixie'],
  npm: builds,
  additions: (database) => (database === 'sqlite' ? [sqlitePlugin] : []),
  async languages(tree) {
    const names = await tree.list('wp-content/languages');
    return [
      'en',
      ...names.filter((name) => /^[a-z]{2,3}(_[A-Z]{2})?\.mo$/.test(name)).map((name) => name.slice(0, -3)),
    ];
  },
  detect: detectWordpress,
  distributionMark: wordpressMark,
  platformFolders: () => [],
  platformFiles: wordpressPlatformFiles,
  folders: (site) => [{ path: join(sitePaths(site).settings, 'mu-plugins'), kind: 'fixed' }],
  ownFolders: () => [],
  links: () => [],
  settings: wordpressSettings,
  web(site) {
    const paths = sitePaths(site);
    return {
      docroot: platformDocroot(site.platform),
      frontController: '/index.php',
      entryPoints: [
        { path: '/index.php' },
        { path: '/wp-login.php' },
        { path: '/wp-comments-post.php' },
        { path: '/wp-cron.php' },
        { path: '/wp-signup.php' },
        { path: '/wp-activate.php' },
        { path: '/wp-trackback.php' },
        {
          path: '/wp-admin/',
          pattern: '/wp-admin/(?!install|setup-config|upgrade|includes/)(?:network/|user/)?[a-z0-9-]+\\.php',
        },
        { path: '/wp-includes/js/tinymce/wp-tinymce.php' },
      ],
      denied: [
        '^/wp-config',
        '^/wp-content/debug\\.log$',
        '^/(readme\\.html|license\\.txt)$',
        '^/wp-content/[^?]*readme\\.(txt|md)$',
      ],
      folders: [
        { url: '/wp-content/uploads/', path: paths.files },
        { url: '/site-content/', path: paths.extensions },
      ],
      rewrites: [],
      params: { AEGIR_SETTINGS: join(paths.settings, 'wp-config.php') },
    };
  },
  caches: ['extensions/cache', 'extensions/upgrade', 'extensions/upgrade-temp-backup'],
  cacheTables: [],
  readable: () => [],
  adoption: wordpressAdoption,
  install: (site, _served, { adminPassword }) => [
    program(site, 'install.php', 300, {
      title: site.title,
      language: site.language,
      admin: { name: site.admin.name, mail: site.admin.mail, password: adminPassword },
      extensions: sitePaths(site).extensions,
    }),
  ],
  verify: (site) => program(site, 'verify.php', 120, {}),
  login: (site, user) => program(site, 'login.php', 60, { user }),
  cron: (site, { network }) => program(site, 'cron.php', CRON_S, { network }),
  // WP-CLI's cache, whose default place is a folder in the home that the site cannot write.
  tools: (site) => ({ WP_CLI_CACHE_DIR: join(sitePaths(site).tmp, 'wp-cli') }),
  update: (site) => program(site, 'update.php', UPDATE_S, {}),
  moved: (site, from) => program(site, 'moved.php', UPDATE_S, { from: from.url, homes: movedHomes(site, from) }),
};

const program = (site: SiteContext, file: string, seconds: number, input: PhpProgram['input']): PhpProgram => ({
  file,
  cwd: platformDocroot(site.platform),
  seconds,
  input: {
    root: platformDocroot(site.platform),
    settings: join(sitePaths(site).settings, 'wp-config.php'),
    ...input,
  },
});
