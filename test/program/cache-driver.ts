import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerContext } from '../../src/provision/model/context.ts';
import type { SiteServiceDriver } from '../../src/provision/services/service.ts';

const stateFile = (server: ServerContext): string => `${server.root}/cache.state`;

/** A driver of a kind of service that nobody else knows: all of it is in this file. */
export const pebble: SiteServiceDriver = {
  kind: 'cache',
  name: 'pebble',
  detect: async () => [],
  state: async (_host, server) =>
    existsSync(stateFile(server)) && readFileSync(stateFile(server), 'utf8') === 'stop' ? 'stopped' : 'running',
  test: async () => ['it holds nothing yet'],
  async control(_host, server, action) {
    writeFileSync(stateFile(server), action);
  },
  startedMs: async () => 1,
  include: () => '',
  reads: (server, path) => path.startsWith(`${server.root}/config/pebble/`),
  folders: (server) => [{ path: `${server.root}/config/pebble`, group: 'root', mode: 0o755 }],
  serverFiles: () => [],
  siteFiles: ({ site }) => [
    {
      path: `${site.server.root}/config/pebble/${site.handle}.conf`,
      text: `${site.uri}\n`,
      group: 'root',
      mode: 0o644,
    },
  ],
  generation: async () => ['1'],
};
