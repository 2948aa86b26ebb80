import type { Inventory } from './inventory.ts';
import { isOpen, type ObjectKind, type TaskState } from './tasks.ts';

/** A waiting task: only the columns that determine what it waits for. */
export interface WaitingTask {
  id: number;
  type: string;
  objectKind: ObjectKind;
  objectName: string;
  batch: string | null;
  /** The rules of its batch; null if the id only groups tasks. */
  atOnce: number | null;
  stopOnFailure: number | null;
  /** The handle of its site; null for another object, or if the site is gone. */
  handle: string | null;
  /** The platform of its site, or the platform itself; null if it is gone. */
  platform: string | null;
  server: string | null;
  /** The site and the platform in its arguments, as typed. */
  source: string | null;
  target: string | null;
}

const select = (
  index: string,
): string => `SELECT task.id, task.type, task.object_kind AS objectKind, task.object_name AS objectName, task.batch,
  batch.at_once AS atOnce, batch.stop_on_failure AS stopOnFailure, site.handle, platform.name AS platform,
  server.name AS server, task.args ->> '$.source' AS source, task.args ->> '$.platform' AS target
  FROM task INDEXED BY ${index} LEFT JOIN batch ON batch.id = task.batch
  LEFT JOIN site_name uri ON task.object_kind = 'site' AND uri.name = task.object_name AND uri.kind = 'uri'
  LEFT JOIN site ON site.id = uri.site_id
  LEFT JOIN release ON release.site_id = site.id AND release.state = 'current'
  LEFT JOIN platform ON platform.id = CASE task.object_kind WHEN 'site' THEN release.platform_id
    WHEN 'platform' THEN (SELECT id FROM platform own WHERE own.name = task.object_name) END
  LEFT JOIN server ON server.id = platform.server_id`;

/** Waiting tasks in the order of queueing: the next `limit` after an id. */
export const waitingAfter = (db: Inventory, id: number, limit: number): WaitingTask[] =>
  db
    .prepare<[number, number], WaitingTask>(
      `${select('task_open')} WHERE ${isOpen} AND task.state = 'queued' AND task.id > +? ORDER BY task.id LIMIT +?`,
    )
    .all(id, limit);

/** The waiting tasks of some sites. */
export const waitingForSites = (db: Inventory, uris: readonly string[]): WaitingTask[] =>
  db
    .prepare<[string], WaitingTask>(
      `${select('task_open_object')} WHERE ${isOpen} AND task.object_name IN (SELECT value FROM json_each(?))
         AND task.object_kind = 'site' AND task.state = 'queued'`,
    )
    .all(JSON.stringify(uris));

/** Waiting or running tasks that are to be cancelled, at most `limit` of them. */
export const tasksToCancel = (
  db: Inventory,
  state: Extract<TaskState, 'queued' | 'running'>,
  limit = -1,
): { id: number; objectKind: ObjectKind; objectName: string }[] =>
  db
    .prepare<[string, number], { id: number; objectKind: ObjectKind; objectName: string }>(
      `SELECT id, object_kind AS objectKind, object_name AS objectName FROM task INDEXED BY task_cancel
       WHERE ${isOpen} AND cancel_requested_at IS NOT NULL AND state = +? LIMIT +?`,
    )
    .all(state, limit);

/** For each state with open tasks: their number, and the id of the first. */
export const openByState = (db: Inventory): { state: TaskState; tasks: number; first: number }[] =>
  db
    .prepare<[], { state: TaskState; tasks: number; first: number }>(
      `SELECT state, count(*) AS tasks, min(id) AS first FROM task INDEXED BY task_open WHERE ${isOpen} GROUP BY state`,
    )
    .all();
