import type { Inventory } from '../src/db/inventory.ts';
import type { Host } from '../src/provision/host/host.ts';
import type { RootPaths } from '../src/provision/model/paths.ts';
import type { Program } from '../src/provision/program.ts';
import { makeExclusive } from '../src/worker/locks.ts';
import type { WorkerDeps } from '../src/worker/running.ts';

/** The dependencies of a worker whose tasks change no machine. */
export const benchDeps = (inventory: Inventory, paths: RootPaths, program: Program): WorkerDeps => ({
  ...{ inventory, paths, program },
  hostFor: () => ({}) as Host,
  exclusive: makeExclusive(),
  retryDelaysMs: [],
});
