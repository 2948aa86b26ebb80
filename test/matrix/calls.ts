import type { Inventory } from '../../src/db/inventory.ts';
import type { ActOptions, Host } from '../../src/provision/host/host.ts';
import type { RootActs, RootVerb } from '../../src/provision/host/root-acts.ts';
import type { WorkerDeps } from '../../src/worker/running.ts';

/** One change that a task makes: an act on its host or database, or a write into the inventory. */
export interface Call {
  /** Where it stands: phase, step, what, and the how-manieth of its kind there: `apply:publish/file.write#2`. */
  key: string;
  /** `apply:publish` */
  step: string;
  what: string;
  args: unknown;
  ms: number;
}

/** Told of each call. What `before` throws, the call fails with; a promise is waited for, but not of the inventory. */
export interface Watcher {
  before?(call: Call): void | Promise<void>;
  after?(call: Call): void;
  /** Told as an act begins, in case something is to happen while it runs. */
  begin?(call: Call): void;
}

/** Acts that change nothing: what a crash leaves before one is what it leaves before the next call. */
const reads = new Set<string>(['db.list', 'db.size', 'stream.check', 'source.check']);

/**
 * The surroundings of a worker, with a watcher between the task and all that it changes: each act of its host, which
 * is the only way to machine and databases, and each write into the inventory. Reads and `ask` are not calls.
 */
export function watchCalls(deps: WorkerDeps, watcher: Watcher): WorkerDeps {
  let step = 'start';
  const seen = new Map<string, number>();
  const callOf = (what: string, args: unknown): Call => {
    const name = `${step}/${what}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return { key: `${name}#${count}`, step, what, args, ms: 0 };
  };
  watchInventory(deps.inventory, callOf, watcher);
  return {
    ...deps,
    onStep: (_task, name, phase) => {
      step = `${phase}:${name}`;
    },
    hostFor: (server, mark, folders) => watchHost(deps.hostFor(server, mark, folders), callOf, watcher),
  };
}

function watchHost(host: Host, callOf: (what: string, args: unknown) => Call, watcher: Watcher): Host {
  return {
    ...host,
    async act<V extends RootVerb>(verb: V, args: RootActs[V]['args'], live?: ActOptions) {
      if (reads.has(verb)) return host.act(verb, args, live);
      const call = callOf(verb, args);
      await watcher.before?.(call);
      const began = performance.now();
      const running = host.act(verb, args, live);
      watcher.begin?.(call);
      const result = await running;
      call.ms = performance.now() - began;
      watcher.after?.(call);
      return result;
    },
  };
}

/** How often a task tells its progress depends on the clock; nothing follows from it. */
const unimportant = /SET progress/;

function watchInventory(db: Inventory, callOf: (what: string, args: unknown) => Call, watcher: Watcher): void {
  const watched = <T>(what: string, write: () => T): T => {
    if (db.inTransaction) return write();
    const call = callOf(`inventory.${what}`, {});
    watcher.before?.(call);
    const result = write();
    watcher.after?.(call);
    return result;
  };
  const prepare = db.prepare.bind(db) as (sql: string) => ReturnType<Inventory['prepare']>;
  // A statement is compiled once: the same one is given for the same text.
  const known = new WeakSet<object>();
  db.prepare = ((sql: string) => {
    const statement = prepare(sql);
    const what = /^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)/i.exec(sql)?.[1];
    if (what === undefined || unimportant.test(sql) || known.has(statement)) return statement;
    known.add(statement);
    const run = statement.run.bind(statement) as (...values: unknown[]) => ReturnType<typeof statement.run>;
    statement.run = (...values: unknown[]) => watched(what, () => run(...values));
    return statement;
  }) as Inventory['prepare'];
  const transaction = db.transaction.bind(db);
  db.transaction = ((work: () => unknown) => {
    const made = transaction(work);
    return Object.assign(() => watched('transaction', () => made()), {
      immediate: () => watched('transaction', () => made.immediate()),
    });
  }) as unknown as Inventory['transaction'];
}
