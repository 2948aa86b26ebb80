import type { Actor } from '../db/audit.ts';
import type { Inventory } from '../db/inventory.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { Program } from '../provision/program.ts';

/** Who acts on an inventory with its root folder, and whether changes are allowed. */
export interface Access {
  inventory: Inventory;
  paths: RootPaths;
  actor: Actor;
  /** Refuses all changes; enforced here, for every interface. */
  readOnly: boolean;
}

/** Access to the queue, with the program whose tasks can be queued. */
export interface Queue extends Access {
  program: Program;
}

/** A request for a task. `object` is a URI or a name as typed. */
export interface TaskRequest {
  type: string;
  object: string;
  args: Record<string, unknown>;
  batch?: string;
}

/** Refuses all changes in a read-only session, for every interface. Throws `READ_ONLY`. */
export function refuseReadOnly(queue: Pick<Queue, 'readOnly'>): void {
  if (!queue.readOnly) return;
  throw new AegirError(
    'READ_ONLY',
    'nothing can be changed: this is a read-only session',
    'Start without --read-only.',
  );
}
