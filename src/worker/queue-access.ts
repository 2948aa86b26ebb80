import type { Actor } from '../db/audit.ts';
import type { Inventory } from '../db/inventory.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';

/** Access to the queue: an inventory with its root folder, who is acting, and whether changes are allowed. */
export interface Queue {
  inventory: Inventory;
  paths: RootPaths;
  actor: Actor;
  /** Refuses all changes; enforced here, for every interface. */
  readOnly: boolean;
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
