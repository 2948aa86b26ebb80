import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ownProgram } from '../../host/local/own-files.ts';
import { type ServerContext, serverPaths, serviceOf } from '../../model/context.ts';
import { drainFront, frontFile, stateOfFront } from '../front.ts';
import type { PhpDriver } from '../service.ts';
import { embeddedPool } from './embedded-pool.ts';

const settings = z.object({
  /** The folder whose node_modules contains PHP in WebAssembly. */
  packages: z.string(),
  /** '8.4' */
  branch: z.string(),
});

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'php').settings);

/**
 * A worker that uses more memory than this after a request, in MB, is replaced; with three CMSs it takes 400 to 475.
 */
const MAX_MB = 700;

/** PHP in WebAssembly, for a machine without PHP. */
export const wasm: PhpDriver = {
  kind: 'php',
  name: 'wasm',
  extensionsHint: 'PHP in WebAssembly cannot load more. For a trial with a local PHP: aegir --root DIR try --php local',
  network: false,
  detect: async () => [],
  async state(host, server) {
    if (!(await host.stat(join(settingsOf(server).packages, 'node_modules')))) return 'absent';
    return (await stateOfFront(host, server)) ? 'running' : 'stopped';
  },
  test: async () => [],
  control: (host, _server, action) => host.act('front.control', { action, part: 'php' }),
  startedMs: async (host, server) => (await stateOfFront(host, server))?.startedMs ?? 0,
  include: () => '',
  reads: (_server, path) => /\/front\/php[^/]*\.json$/.test(path),
  async generation(host, server) {
    const front = await stateOfFront(host, server);
    return front ? [front.generation] : [];
  },
  folders: (server) => [{ path: join(serverPaths(server).run, 'php'), group: 'root', mode: 0o700 }],
  serverFiles(server) {
    const sockets = join(serverPaths(server).run, 'php');
    const workers = Math.min(2, availableParallelism());
    return [frontFile(server, 'php.json', { kind: 'wasm', ...settingsOf(server), workers, sockets, memoryMb: MAX_MB })];
  },
  siteFiles: ({ site, php: { readable } }) => [embeddedPool(site, readable)],
  socket: () => '',
  drain: drainFront,
  commandLine(server) {
    const { packages, branch } = settingsOf(server);
    return [process.execPath, ownProgram('front/wasm-cli'), packages, branch, serverPaths(server).root];
  },
};
