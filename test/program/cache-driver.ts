import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerContext } from '../../src/provision/model/context.ts';
import type { SiteServiceDriver } from '../../src/provision/services/service.ts';

/** What it keeps of itself, in place of a process. */
interface Kept {
  running: boolean;
  startedMs: number;
  generation: number;
}

const keptFile = (server: ServerContext): string => `${server.root}/cache.state`;

function keptOf(server: ServerContext): Kept {
  if (existsSync(keptFile(server))) return JSON.parse(readFileSync(keptFile(server), 'utf8')) as Kept;
  return { running: existsSync(server.root), startedMs: 1, generation: 1 };
}

/** A driver of a kind of service that nobody else knows: all of it is in this file. */
export const pebble: SiteServiceDriver = {
  kind: 'cache',
  name: 'pebble',
  detect: async () => [],
  state: async (_host, server) => (keptOf(server).running ? 'running' : 'stopped'),
  test: async () => ['it holds nothing yet'],
  async control(_host, server, action) {
    const kept = keptOf(server);
    const begins = action === 'restart' || (action === 'start' && !kept.running);
    const startedMs = begins ? Math.max(Date.now(), kept.startedMs + 1) : kept.startedMs;
    const generation = kept.generation + (begins || action === 'reload' ? 1 : 0);
    writeFileSync(keptFile(server), JSON.stringify({ running: action !== 'stop', startedMs, generation }));
  },
  async startedMs(_host, server) {
    const { running, startedMs } = keptOf(server);
    return running ? startedMs : 0;
  },
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
  generation: async (_host, server) => [String(keptOf(server).generation)],
};
