import type { Actor } from '../db/audit.ts';
import type { Inventory } from '../db/inventory.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';

/** Where tasks are queued: an inventory with its root, who asks, and whether anything may be changed. */
export interface Queue {
  inventory: Inventory;
  paths: RootPaths;
  actor: Actor;
  /** Nothing may be queued; enforced here, for every way in. */
  readOnly: boolean;
}

/** What a person asks for. `object` is a URI or a name as it was typed. */
export interface TaskRequest {
  type: string;
  object: string;
  args: Record<string, unknown>;
  batch?: string;
}

/** Refuses every change of a read-only session, for every way in. Throws `READ_ONLY`. */
export function refuseReadOnly(queue: Pick<Queue, 'readOnly'>): void {
  if (!queue.readOnly) return;
  throw new AegirError(
    'READ_ONLY',
    'nothing can be changed: this is a read-only session',
    'Start without --read-only.',
  );
}
