import type { Json } from '../provision/model/errors.ts';
import { commitLazily, type Inventory } from './inventory.ts';

/** Minutes between runs of a new site's cron. */
export const DEFAULT_CRON_MINUTES = 15;

/** A task that is queued for a site at regular intervals. Times are ISO 8601 UTC. */
export interface Schedule {
  siteId: number;
  uri: string;
  taskType: string;
  minutes: number;
  args: Record<string, Json>;
  dueAt: string;
}

type StoredSchedule = Omit<Schedule, 'args'> & { args: string };

const select = `SELECT schedule.site_id AS siteId, uri.name AS uri, task_type AS taskType, minutes, args, due_at AS dueAt
  FROM schedule JOIN site ON site.id = schedule.site_id
  JOIN site_name uri ON uri.site_id = site.id AND uri.kind = 'uri'`;

const parse = (row: StoredSchedule): Schedule => ({ ...row, args: JSON.parse(row.args) as Schedule['args'] });

/** The changed fields of a schedule; others stay. */
export interface ScheduleChange {
  /** Minutes between two runs; 0 removes the schedule. */
  minutes?: number | undefined;
  args?: Record<string, Json>;
}

/** Default arguments of scheduled tasks. */
const defaultArgs: Record<string, Record<string, Json>> = {
  'site.backup': { description: 'by schedule', keep: 7 },
};

/**
 * Creates a schedule, or changes its interval and arguments. The first time is one to two intervals from now, depending
 * on the site's number, so that the sites of a server do not all start in the same minute.
 */
export function saveSchedule(db: Inventory, siteId: number, taskType: string, change: ScheduleChange): void {
  const before = siteSchedules(db, siteId).find((schedule) => schedule.taskType === taskType);
  const minutes = change.minutes ?? before?.minutes ?? 0;
  if (minutes === 0) {
    db.prepare('DELETE FROM schedule WHERE site_id = ? AND task_type = ?').run(siteId, taskType);
    return;
  }
  const args = { ...defaultArgs[taskType], ...before?.args, ...change.args };
  const spreadMs = ((siteId * 61) % (minutes * 60)) * 1000;
  const dueAt = new Date(Date.now() + minutes * 60_000 + spreadMs).toISOString();
  db.prepare(
    `INSERT INTO schedule (site_id, task_type, minutes, args, due_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (site_id, task_type) DO UPDATE SET minutes = excluded.minutes, args = excluded.args,
       due_at = excluded.due_at`,
  ).run(siteId, taskType, minutes, JSON.stringify(args), minutes === before?.minutes ? before.dueAt : dueAt);
}

/** The schedules of a site, by task type. */
export const siteSchedules = (db: Inventory, siteId: number): Schedule[] =>
  db
    .prepare<[number], StoredSchedule>(`${select} WHERE schedule.site_id = +? ORDER BY task_type`)
    .all(siteId)
    .map(parse);

/** The schedules of all sites for one type of task, the next one first. */
export const listSchedules = (db: Inventory, taskType: string): Schedule[] =>
  db.prepare<[string], StoredSchedule>(`${select} WHERE task_type = ? ORDER BY due_at`).all(taskType).map(parse);

/** Due schedules, the longest overdue first. Pass over those that rest before: else they are read again each time. */
export const dueSchedules = (db: Inventory, at: string, limit = 100): Schedule[] =>
  db
    .prepare<[string, number], StoredSchedule>(`${select} WHERE due_at <= +? ORDER BY due_at LIMIT ?`)
    .all(at, limit)
    .map(parse);

/**
 * Sets the next time, in the same rhythm, of due schedules that do not run now: those of sites that are being installed, and,
 * but for the task types in `always`, those of disabled, damaged and locked sites. Returns how many there were; each costs
 * one write in its interval, and nothing in between.
 */
export function passOverResting(db: Inventory, at: string, always: readonly string[]): number {
  let count = 0;
  // Lost with the power, it is done again.
  commitLazily(db, () => {
    count = db
      .prepare(
        `UPDATE schedule SET due_at = strftime('%Y-%m-%dT%H:%M:%fZ', due_at,
           '+' || (minutes * (1 + (unixepoch(@at) - unixepoch(due_at)) / (minutes * 60))) || ' minutes')
         WHERE due_at <= @at AND EXISTS (SELECT 1 FROM site WHERE site.id = schedule.site_id AND (site.state = 'installing'
           OR (task_type NOT IN (SELECT value FROM json_each(@always))
             AND (site.state <> 'enabled' OR site.lock_reason IS NOT NULL))))`,
      )
      .run({ at, always: JSON.stringify(always) }).changes;
  });
  return count;
}

/**
 * Corrects times further in the future than any schedule sets them (two intervals). They were set with a wrong clock,
 * and would be waited for as long as it was ahead.
 */
export function repairSchedules(db: Inventory, at: string): void {
  db.prepare(
    `UPDATE schedule SET due_at = strftime('%Y-%m-%dT%H:%M:%fZ', @at, '+' || minutes || ' minutes')
     WHERE due_at > strftime('%Y-%m-%dT%H:%M:%fZ', @at, '+' || (2 * minutes + 1) || ' minutes')`,
  ).run({ at });
}

/** Sets the next time: the first future one in the same rhythm. Missed runs are not made up for. */
export function advanceSchedule(db: Inventory, { siteId, taskType, minutes, dueAt }: Schedule, nowMs: number): void {
  const stepMs = minutes * 60_000;
  const dueMs = Date.parse(dueAt);
  const steps = Math.max(1, Math.ceil((nowMs - dueMs + 1) / stepMs));
  db.prepare('UPDATE schedule SET due_at = ? WHERE site_id = ? AND task_type = ?').run(
    new Date(dueMs + steps * stepMs).toISOString(),
    siteId,
    taskType,
  );
}
