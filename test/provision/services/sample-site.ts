import { join } from 'node:path';
import { type ServerContext, type SiteContext, sitePaths, siteWeb } from '../../../src/provision/model/context.ts';
import type { WebFacts } from '../../../src/provision/model/service-facts.ts';
import type { SiteFacts } from '../../../src/provision/services/service.ts';
import { standardProgram } from '../../../src/provision/standard.ts';

/** A server as it would be recorded on Debian 12, for tests that run nothing. */
export const sampleServer: ServerContext = {
  name: 'server_master',
  root: '/var/aegir',
  handlePrefix: 'aeg',
  uidBase: 200_000,
  webUser: 'www-data',
  services: [
    {
      kind: 'http',
      driver: 'nginx',
      version: '1.22.1',
      settings: {
        binary: '/usr/sbin/nginx',
        conf: '/etc/nginx/nginx.conf',
        pidFile: '/run/nginx.pid',
        unit: 'nginx.service',
        listen: ['80', '[::]:80'],
      },
    },
    {
      kind: 'php',
      driver: 'fpm',
      version: '8.2.36',
      settings: {
        binary: '/usr/sbin/php-fpm8.2',
        conf: '/etc/php/8.2/fpm/php-fpm.conf',
        pidFile: '/run/php/php8.2-fpm.pid',
        unit: 'php8.2-fpm.service',
        commandLine: '/usr/bin/php8.2',
        branch: '8.2',
      },
    },
    {
      kind: 'db',
      driver: 'mariadb',
      version: '10.11.19',
      settings: {
        binary: '/usr/sbin/mariadbd',
        conf: '',
        socket: '/run/mysqld/mysqld.sock',
        pidFile: '/run/mysqld/mysqld.pid',
        unit: 'mariadb.service',
      },
    },
  ],
};

/** A site on a platform of a CMS that does not exist. */
export function sampleSite(server: ServerContext = sampleServer, number = 12, uri = 'shop.example.test'): SiteContext {
  return {
    handle: `${server.handlePrefix}${number}`,
    uid: server.uidBase + number,
    uri,
    aliases: [`www.${uri}`],
    kept: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    schedules: [],
    web: siteWeb.parse({}),
    title: 'Shop',
    profile: 'standard',
    language: 'en',
    client: 'admin',
    admin: { name: 'admin-user', mail: 'a@example.test' },
    php: { memoryMb: 256, uploadMb: 64, children: 5, timeS: 60 },
    release: { number: 1, database: `${server.handlePrefix}${number}` },
    platform: {
      name: 'sample',
      root: join(server.root, 'platforms/sample'),
      docroot: 'web',
      source: 'path:/srv/sample',
      managed: true,
      engine: 'sample',
      version: '1.0',
      profiles: [],
      php: '8.2',
    },
    server,
  };
}

/** What PHP needs to know of it. */
export const samplePhp = (site: SiteContext, readable: string[] = []): SiteFacts['php'] => ({
  readable,
  socket: standardProgram.services.socket(site),
});

/** What an engine would say of it, with one of each kind. */
export function sampleWeb(site: SiteContext): WebFacts {
  const paths = sitePaths(site);
  return {
    docroot: join(site.platform.root, site.platform.docroot),
    frontController: '/index.php',
    entryPoints: [
      { path: '/index.php' },
      { path: '/update.php', pathInfo: true },
      { pattern: '^/admin/(?!install)[a-z0-9-]+\\.php$' },
    ],
    denied: ['^/config/', '\\.module$'],
    folders: [
      { url: '/files/', path: paths.files },
      { url: '/made', path: join(paths.files, 'made'), fallback: true },
    ],
    rewrites: [{ pattern: '^/(\\w+)\\.api$', to: '/index.php?action=$1' }],
    params: { AEGIR_SITE: site.uri },
  };
}
