import type { Inventory } from '../db/inventory.ts';
import type { SiteRow } from '../db/sites.ts';
import { type ObjectKind, waitingTask } from '../db/tasks.ts';
import { settledOrLocked } from '../provision/tasks/checks/availability.ts';
import { type ObjectRecords, type Records, type Refusal, refuse } from '../provision/tasks/model/records.ts';
import type { Root } from './open-root.ts';
import { recordsOf } from './records.ts';

/**
 * The reason why a task on an existing object cannot be queued now; undefined when it can. Console, command line and
 * queue all ask here. Rules of one task type are its own (`available`); the rules here hold for every type.
 */
export function refusalOf(root: Root, type: string, kind: ObjectKind, name: string): Refusal | undefined {
  const records = recordsOf(root);
  const object = recordOf(records, kind, name);
  if (!object)
    return refuse('NO_SUCH_OBJECT', `there is no ${kind} ${name}`, `aegir ${kind} list shows what there is.`);
  const definition = root.program.tasks.find(type);
  return (
    definition?.available?.(object as never, records) ??
    // A delete also removes whatever an undo has left.
    (definition?.removes ? undefined : records.unfinished(kind, name)) ??
    duplicateRefusal(root.inventory, type, kind, name)
  );
}

/** An object as the rules of task types see it. */
export const recordOf = (records: Records, kind: ObjectKind, name: string): ObjectRecords[ObjectKind] | undefined =>
  records[kind](name);

/** The reason why nobody can work interactively in a site now. A locked site allows it, since people may repair it. */
export const interactiveRefusal = (site: SiteRow): Refusal | undefined => settledOrLocked(site);

function duplicateRefusal(db: Inventory, type: string, kind: ObjectKind, name: string): Refusal | undefined {
  const other = waitingTask(db, type, kind, name);
  if (other === undefined) return undefined;
  return refuse('TASK_DUPLICATE', `task ${other} already waits to do the same`, 'Watch it, or cancel it first.');
}
