import { dirname, join } from 'node:path';
import { type SiteContext, sitePaths } from '../../context.ts';
import type { DatabaseDriver } from '../service.ts';

/** A database as a file in the release, outside of every document root; the site's own user alone reads it. */
export const sqlite: DatabaseDriver = {
  name: 'sqlite',
  detect: async () => undefined,
  // PHP brings it.
  state: async () => 'running',
  test: async () => [],
  control: async () => {},
  startedMs: async () => 1,
  access: (site) => ({ driver: 'sqlite', file: fileOf(site) }),
  phpSettings: () => ({}),
  async present(host, site) {
    return (await host.stat(fileOf(site))) ? [`database ${fileOf(site)}`] : [];
  },
  async make(host, site) {
    const path = dirname(fileOf(site));
    await host.act('folder.make', { path, owner: site.handle, group: site.handle, mode: 0o700 });
  },
  async drop(host, site) {
    await host.act('tree.remove', { path: dirname(fileOf(site)), as: site.handle });
  },
  ask: async () => {},
  tryOut: async () => {},
  clearTryOut: async () => {},
};

/** In a folder of its own: SQLite puts its journal and locks beside the file. */
const fileOf = (site: SiteContext): string => join(sitePaths(site).release, 'database/site.sqlite');
