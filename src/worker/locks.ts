import type { ObjectKind, TaskRow } from '../db/tasks.ts';
import type { Json } from '../provision/model/errors.ts';
import type { TaskContexts } from '../provision/tasks/model/task.ts';
import { taskDefinitions } from '../provision/tasks/registry.ts';

/** What a running task holds: it alone (`exclusive`) or together with others that only need it to stay. */
export interface TaskLock {
  name: string;
  exclusive: boolean;
}

/** The task whose locks are asked for. */
type Locking = Pick<TaskRow, 'type' | 'objectKind' | 'objectName'>;

/** What the locks of a task are named by, beside its object; null where it has none or that is gone. */
export interface LockNames {
  /** That of its site and of the one that it copies from: handles stay when names change. */
  handle: string | null;
  source: string | null;
  platform: string | null;
  /** The platform that it moves to. */
  target: string | null;
  server: string | null;
}

/**
 * A site task holds its site and shares its platform, and those that it copies from or moves to; a platform task holds
 * the platform; a server task its server. Both of the former share the server, whose task writes the files of all sites
 * as they were when it began; those that change nothing of that go on beside it.
 */
export function locksBy({ type, objectKind: kind, objectName }: Locking, names: LockNames): TaskLock[] {
  if (kind === 'server') return [{ name: `server:${objectName}`, exclusive: true }];
  const server = leavesServices(type) ? null : names.server;
  if (kind === 'platform') return [{ name: `platform:${objectName}`, exclusive: true }, ...shared({ server })];
  const { handle, source, platform, target } = names;
  return [
    ...(handle === null ? [] : [{ name: `site:${handle}`, exclusive: true }]),
    ...shared({ platform }),
    ...(target === platform ? [] : shared({ platform: target })),
    ...shared({ site: source, server }),
  ];
}

/** The same of a task that has begun, by the context that it was given. */
export function locksOf(task: Locking, context: Json): TaskLock[] {
  // A damaged row has none; it must not keep the others from their turn.
  const { site, platform, server, source, target } = (context ?? {}) as unknown as Partial<
    TaskContexts['server'] & TaskContexts['platform'] & TaskContexts['site']
  >;
  return locksBy(task, {
    handle: site?.handle ?? null,
    source: source?.handle ?? null,
    platform: (site?.platform ?? platform)?.name ?? null,
    target: target?.name ?? null,
    server: (site?.server ?? server)?.name ?? null,
  });
}

const leavesServices = (wanted: string): boolean =>
  taskDefinitions.find(({ type }) => type === wanted)?.leavesServices === true;

const shared = (names: Partial<Record<ObjectKind, string | null>>): TaskLock[] =>
  Object.entries(names).flatMap(([kind, name]) => (name ? [{ name: `${kind}:${name}`, exclusive: false }] : []));

/** True when two tasks may not run at once. */
export const locksMeet = (some: readonly TaskLock[], others: readonly TaskLock[]): boolean =>
  some.some((lock) => others.some((other) => lock.name === other.name && (lock.exclusive || other.exclusive)));

/** Short locks inside this process: `web` and `accounts`, first come, first served. */
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
