import type { Json } from '../provision/errors.ts';
import type { TaskContexts } from '../provision/task.ts';

/** What a running task holds: it alone (`exclusive`) or together with others that only need it to stay. */
export interface TaskLock {
  name: string;
  exclusive: boolean;
}

/** A site task holds its site and shares its platform, and those that it copies from or moves to; a platform task holds the platform; a server task its server. */
export function locksOf(kind: 'server' | 'platform' | 'site', name: string, context: Json): TaskLock[] {
  if (kind !== 'site') return [{ name: `${kind}:${name}`, exclusive: true }];
  // By its handle, which stays when its name changes.
  const { site, source, target } = context as unknown as TaskContexts['site'];
  const shared = [
    `platform:${site.platform.name}`,
    ...(target ? [`platform:${target.name}`] : []),
    ...(source ? [`site:${source.handle}`] : []),
  ];
  return [
    { name: `site:${site.handle}`, exclusive: true },
    ...[...new Set(shared)].map((name) => ({ name, exclusive: false })),
  ];
}

/** True when two tasks may not run at once. */
export function locksMeet(some: TaskLock[], others: TaskLock[]): boolean {
  return some.some((lock) => others.some((other) => lock.name === other.name && (lock.exclusive || other.exclusive)));
}

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
