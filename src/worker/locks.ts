import type { TaskRow } from '../db/tasks.ts';
import type { Json } from '../provision/errors.ts';
import type { TaskContexts } from '../provision/task.ts';
import { taskDefinitions } from '../provision/tasks/registry.ts';

/** What a running task holds: it alone (`exclusive`) or together with others that only need it to stay. */
export interface TaskLock {
  name: string;
  exclusive: boolean;
}

/**
 * A site task holds its site and shares its platform, and those that it copies from or moves to; a platform task holds
 * the platform; a server task its server. Both of the former share the server, whose task writes the files of all sites
 * as they were when it began; those that change nothing of that go on beside it.
 */
export function locksOf(task: Pick<TaskRow, 'type' | 'objectKind' | 'objectName'>, context: Json): TaskLock[] {
  const { objectKind: kind, objectName } = task;
  if (kind === 'server') return [{ name: `server:${objectName}`, exclusive: true }];
  const serverOf = ({ name }: { name: string }): string[] =>
    taskDefinitions.find(({ type }) => type === task.type)?.leavesServices ? [] : [`server:${name}`];
  if (kind === 'platform') {
    const { server } = context as unknown as TaskContexts['platform'];
    return [{ name: `platform:${objectName}`, exclusive: true }, ...shared(serverOf(server))];
  }
  // By its handle, which stays when its name changes.
  const { site, source, target } = context as unknown as TaskContexts['site'];
  return [
    { name: `site:${site.handle}`, exclusive: true },
    ...shared([
      `platform:${site.platform.name}`,
      ...(target ? [`platform:${target.name}`] : []),
      ...(source ? [`site:${source.handle}`] : []),
      ...serverOf(site.server),
    ]),
  ];
}

const shared = (names: string[]): TaskLock[] => [...new Set(names)].map((name) => ({ name, exclusive: false }));

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
