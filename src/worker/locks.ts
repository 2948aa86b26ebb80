import type { ObjectKind, TaskRow } from '../db/tasks.ts';
import type { Json } from '../provision/model/errors.ts';
import type { TaskContexts } from '../provision/tasks/model/task.ts';
import type { Tasks } from '../provision/tasks/model/tasks.ts';

/** A lock of a running task: exclusive, or shared between tasks that only need the object to stay as it is. */
export interface TaskLock {
  name: string;
  exclusive: boolean;
}

/** The task whose locks are computed. */
type Locking = Pick<TaskRow, 'type' | 'objectKind' | 'objectName'>;

/** The objects that a task locks besides its own; null if there is none, or if it no longer exists. */
export interface LockNames {
  /** The handle of its site and of the site that it copies: handles stay when names change. */
  handle: string | null;
  source: string | null;
  platform: string | null;
  /** The platform to which it moves. */
  target: string | null;
  server: string | null;
}

/**
 * A site task locks its site, and shares its platform, the site that it copies and the platform that it moves to. A
 * platform task locks its platform, a server task its server. Site and platform tasks share the server, since a server
 * task writes the files of all sites as they were when it began; tasks that do not affect these files do not share it.
 */
export function locksBy(tasks: Tasks, { type, objectKind: kind, objectName }: Locking, names: LockNames): TaskLock[] {
  if (kind === 'server') return [{ name: `server:${objectName}`, exclusive: true }];
  const server = tasks.find(type)?.leavesServices ? null : names.server;
  if (kind === 'platform') return [{ name: `platform:${objectName}`, exclusive: true }, ...shared({ server })];
  const { handle, source, platform, target } = names;
  return [
    ...(handle === null ? [] : [{ name: `site:${handle}`, exclusive: true }]),
    ...shared({ platform }),
    ...(target === platform ? [] : shared({ platform: target })),
    ...shared({ site: source, server }),
  ];
}

/** The same for a running task, from its context. */
export function locksOf(tasks: Tasks, task: Locking, context: Json): TaskLock[] {
  // The task of a damaged row gets no locks, so that it does not block others.
  const { site, platform, server, source, target } = (context ?? {}) as unknown as Partial<
    TaskContexts['server'] & TaskContexts['platform'] & TaskContexts['site']
  >;
  return locksBy(tasks, task, {
    handle: site?.handle ?? null,
    source: source?.handle ?? null,
    platform: (site?.platform ?? platform)?.name ?? null,
    target: target?.name ?? null,
    server: (site?.server ?? server)?.name ?? null,
  });
}

const shared = (names: Partial<Record<ObjectKind, string | null>>): TaskLock[] =>
  Object.entries(names).flatMap(([kind, name]) => (name ? [{ name: `${kind}:${name}`, exclusive: false }] : []));

/** True if two tasks must not run at the same time. */
export const locksConflict = (some: readonly TaskLock[], others: readonly TaskLock[]): boolean =>
  some.some((lock) => others.some((other) => lock.name === other.name && (lock.exclusive || other.exclusive)));

/** Makes the short locks of this process, `web` and `accounts`: work under one lock runs in the order of the calls. */
export function makeExclusive(): <T>(lock: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return (lock, work) => {
    const before = tails.get(lock) ?? Promise.resolve();
    const mine = before.then(work, work);
    tails.set(
      lock,
      mine.catch(() => {}),
    );
    return mine;
  };
}
