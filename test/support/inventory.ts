import { type Inventory, openInventory } from '../../src/db/inventory.ts';
import { type ServerRow, saveServer } from '../../src/db/servers.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { currentActor } from '../../src/worker/actor.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import type { Root } from '../../src/worker/open-root.ts';
import type { Queue } from '../../src/worker/queue-access.ts';
import type { WorkerDeps } from '../../src/worker/running.ts';
import type { Stack } from './stack.ts';

/** The inventory of a test stack with its server recorded, a queue on it, and what a worker needs. */
export interface StackRoot extends Root {
  inventory: Inventory;
  queue: Queue;
  deps: WorkerDeps;
}

/** Records a stack's server in an inventory of its root. */
export function openStackRoot(stack: Stack): StackRoot {
  const inventory = openInventory(stack.paths.inventory);
  saveServer(inventory, { ...stack.server, services: stack.server.services as ServerRow['services'] });
  const root = { inventory, paths: stack.paths, program: standardProgram };
  return {
    ...root,
    queue: { ...root, actor: currentActor({}), readOnly: false },
    // Short waits: what a test breaks on purpose does not mend itself.
    deps: { ...localDeps(root), retryDelaysMs: [100, 300] },
  };
}
