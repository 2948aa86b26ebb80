import { join } from 'node:path';
import { platformDocroot, type SiteContext, sitePaths } from '../../model/context.ts';
import { CRON_S, type Engine, type PhpProgram, UPDATE_S } from '../engine.ts';
import { movedHomes } from '../moved-homes.ts';
import { spipAdoption } from './adopt.ts';
import { detectSpip, spipMark } from './detect.ts';
import { connection, spipPlatformFiles, spipSettings } from './settings.ts';

/** SPIP 4: one copy of the code, with a mes_options.php that selects each site's folders. */
export const spip: Engine = {
  name: 'spip',
  title: 'SPIP',
  looksFor: 'ecrire/inc_version.php',
  needs: {
    phpMin: '7.4',
    extensions: ['json', 'mbstring', 'xml', 'sodium', 'zip', 'gd'],
    databases: { mariadb: ['mysqli'], sqlite: ['pdo_sqlite', 'sqlite3'] },
  },
  async languages(tree) {
    const names = await tree.list('ecrire/lang');
    const codes = names
      .map((name) => /^spip_([a-z]{2,3}(_[a-z]+)?)\.php$/.exec(name)?.[1])
      .filter((code) => code !== undefined);
    return codes.includes('en') ? ['en', ...codes.filter((code) => code !== 'en')] : codes;
  },
  detect: detectSpip,
  distributionMark: spipMark,
  platformFolders: (platform) => ['sites', 'config'].map((folder) => join(platformDocroot(platform), folder)),
  platformFiles: spipPlatformFiles,
  folders: (site) => [{ path: join(sitePaths(site).settings, 'action'), kind: 'fixed' }],
  ownFolders: siteFolders,
  links(site) {
    const { settings, config, tmp, files, extensions } = sitePaths(site);
    return [
      { path: join(platformDocroot(site.platform), 'sites', site.uri), target: settings },
      { path: join(settings, 'config'), target: config },
      { path: join(settings, 'tmp'), target: tmp },
      { path: join(settings, 'IMG'), target: join(files, 'IMG') },
      { path: join(settings, 'local'), target: join(files, 'local') },
      { path: join(settings, 'squelettes'), target: join(extensions, 'squelettes') },
      { path: join(settings, 'plugins'), target: join(extensions, 'plugins') },
    ];
  },
  settings: spipSettings,
  web(site) {
    const paths = sitePaths(site);
    const below = (name: string, path: string) => ({ url: `/sites/${site.uri}/${name}/`, path: join(path, name) });
    return {
      docroot: platformDocroot(site.platform),
      frontController: '/spip.php',
      entryPoints: [{ path: '/index.php' }, { path: '/spip.php' }, { path: '/ecrire/index.php' }],
      denied: [
        '^/(config|tmp|vendor)/',
        '^/sites/[^/]+/(config|tmp|action|[^/]+\\.php)',
        '^/ecrire/[^/]+/.*\\.(txt|md|xml|yaml)$',
        '\\.(html|yaml)$',
      ],
      folders: [
        below('IMG', paths.files),
        below('local', paths.files),
        below('squelettes', paths.extensions),
        below('plugins', paths.extensions),
        { url: '/IMG/', path: join(paths.files, 'IMG') },
      ],
      // As in SPIP's own .htaccess (htaccess.txt).
      rewrites: [{ pattern: '^/(\\w+)\\.api(/(.*))?$', to: '/spip.php?action=api_$1&arg=$3' }],
      errorPage: '^\\s*<pre>[^<]*squelettes[^<]*</pre>\\s*$',
      params: { AEGIR_SITE: site.uri },
    };
  },
  caches: ['files/local/cache-*'],
  cacheTables: [],
  readable: () => [],
  adoption: spipAdoption,
  install: (site, { database }, { adminPassword }) =>
    // Each phase needs a new process: SPIP keeps what it read at its start.
    ['tables', 'admin', 'plugins'].map((phase) =>
      program(site, 'install.php', 300, {
        phase,
        title: site.title,
        language: site.language,
        admin: { name: site.admin.name, mail: site.admin.mail, password: phase === 'admin' ? adminPassword : '' },
        folders: siteFolders(site),
        database: connection(database),
      }),
    ),
  verify: (site) => program(site, 'verify.php', 120, {}),
  login: (site, user) => program(site, 'login.php', 60, { user }),
  cron: (site) => program(site, 'cron.php', CRON_S, {}),
  update: (site) => program(site, 'update.php', UPDATE_S, {}),
  renew: (site) => program(site, 'renew.php', 120, {}),
  moved: (site, from) =>
    program(site, 'moved.php', UPDATE_S, { from: from.url, fromSite: from.uri, homes: movedHomes(site, from) }),
};

/** Folders that the site's own user creates. */
function siteFolders(site: SiteContext): string[] {
  const { files, extensions } = sitePaths(site);
  return [
    join(files, 'IMG'),
    join(files, 'local'),
    join(extensions, 'squelettes'),
    join(extensions, 'plugins'),
    join(extensions, 'plugins/auto'),
  ];
}

const program = (site: SiteContext, file: string, seconds: number, input: PhpProgram['input']): PhpProgram => ({
  file,
  cwd: join(platformDocroot(site.platform), 'ecrire'),
  seconds,
  input: {
    root: platformDocroot(site.platform),
    site: site.uri,
    ...input,
  },
});
