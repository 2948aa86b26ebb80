import type { Inventory } from '../db/inventory.ts';
import { listPlatforms } from '../db/platforms.ts';
import { listServers } from '../db/servers.ts';
import type { Host } from '../provision/host/host.ts';
import { localHost } from '../provision/host/makers/local.ts';
import type { ServerContext } from '../provision/model/context.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { makeExclusive } from './locks.ts';
import type { Root, RootFiles } from './open-root.ts';
import type { WorkerDeps } from './running.ts';

/**
 * Pauses between retries of an undo or clean-up, in milliseconds: half a minute in all, for a database that restarts.
 */
const RETRY_DELAYS_MS = [500, 2000, 8000, 20_000];

/** The dependencies of a worker on this machine. */
export function localDeps({ inventory, paths, program }: Root): WorkerDeps {
  return {
    inventory,
    paths,
    program,
    hostFor: (server, mark, folders) => hostOf(inventory, paths, server, mark, folders),
    exclusive: makeExclusive(),
    retryDelaysMs: RETRY_DELAYS_MS,
  };
}

/** This machine as the host of a server; what its acts may touch is derived from the inventory. */
export function hostOf(
  inventory: Inventory,
  paths: RootPaths,
  server: Pick<ServerContext, 'handlePrefix' | 'uidBase' | 'webUser'>,
  mark = '',
  folders: string[] = [],
): Host {
  const { handlePrefix, uidBase, webUser } = server;
  const inPlace = listPlatforms(inventory).filter((platform) => !platform.managed);
  return localHost({
    paths,
    handlePrefix,
    uidBase,
    webUser,
    mark,
    systemFiles: [],
    platformFolders: [...inPlace.map((platform) => platform.root), ...folders],
  });
}

/** The host of the only server; undefined on a machine that is not set up. */
export function onlyHost({ inventory, paths }: RootFiles): Host | undefined {
  const [server] = listServers(inventory);
  return server && hostOf(inventory, paths, server);
}
