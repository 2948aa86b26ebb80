import { basename, dirname } from 'node:path';
import type { AccountFact, FileFact, Host, Look, Looked } from '../host.ts';

/** What a planned act would leave at a path. */
export type PlannedEntry =
  | { kind: 'file'; text: string; owner: string; group: string; mode: number }
  | { kind: 'folder'; owner: string; group: string; mode: number; fresh: boolean }
  | { kind: 'link'; target: string };

type Reads = Pick<Host, 'siteUsers' | 'readText' | 'stat' | 'list' | 'look' | 'account' | 'accountOfUid'>;

/** The machine as it would be: its real state overlaid with the plan. */
export interface PlannedState extends Reads {
  /** Sets what would be at a path; undefined for nothing. */
  put(path: string, entry: PlannedEntry | undefined): void;
  putUser(user: string, account: AccountFact | undefined): void;
  /** User and group id of an owner and a group; -1 if there is none. */
  idsOf(owner: string, group: string): Promise<{ uid: number; gid: number }>;
}

/** `root` means the user that the program runs as. */
const OURSELVES = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0, home: '' };

/** Overlays a plan on a real host. Changes nothing. */
export function planState(real: Reads): PlannedState {
  const paths = new Map<string, PlannedEntry | undefined>();
  const users = new Map<string, AccountFact | undefined>();

  /** The plan for a path: its own, or that of a folder above that is removed or new. */
  const planned = (path: string): { entry: PlannedEntry | undefined } | undefined => {
    if (paths.has(path)) return { entry: paths.get(path) };
    for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
      if (!paths.has(folder)) continue;
      const entry = paths.get(folder);
      return entry?.kind === 'folder' && !entry.fresh ? undefined : { entry: undefined };
    }
    return undefined;
  };

  const touched = (one: Look): boolean =>
    'list' in one
      ? planned(one.list) !== undefined || [...paths.keys()].some((path) => dirname(path) === one.list)
      : planned('stat' in one ? one.stat : one.text) !== undefined;
  const lookOnce = async (one: Look): Promise<Looked> =>
    'list' in one
      ? { names: await state.list(one.list) }
      : 'stat' in one
        ? { fact: await state.stat(one.stat) }
        : { text: await state.readText(one.text, one.maxBytes) };

  const state: PlannedState = {
    siteUsers: real.siteUsers,
    put(path, entry) {
      for (const below of [...paths.keys()]) {
        if (entry === undefined && below.startsWith(`${path}/`)) paths.delete(below);
      }
      paths.set(path, entry);
    },
    putUser: (user, account) => void users.set(user, account),
    async readText(path, maxBytes) {
      const plan = planned(path);
      if (!plan) return real.readText(path, maxBytes);
      if (plan.entry?.kind === 'link') return state.readText(plan.entry.target, maxBytes);
      const text = plan.entry?.kind === 'file' ? plan.entry.text : undefined;
      return maxBytes === undefined || text === undefined ? text : Buffer.from(text).toString('utf8', 0, maxBytes);
    },
    async stat(path) {
      const plan = planned(path);
      if (!plan) return real.stat(path);
      return plan.entry && factOf(state, plan.entry);
    },
    async list(path) {
      const plan = planned(path);
      const below = [...paths].filter(([entry]) => dirname(entry) === path);
      const hidden = new Set(below.filter(([, entry]) => entry === undefined).map(([entry]) => basename(entry)));
      const there = plan && !(plan.entry?.kind === 'folder' && !plan.entry.fresh) ? [] : await real.list(path);
      const added = below.filter(([, entry]) => entry !== undefined).map(([entry]) => basename(entry));
      return [...new Set([...there.filter((name) => !hidden.has(name)), ...added])].sort();
    },
    async look(wanted) {
      // What the plan does not touch is read in one call.
      const untouched = wanted.filter((one) => !touched(one));
      const seen = untouched.length === 0 ? [] : await real.look(untouched);
      const answers = new Map(untouched.map((one, at) => [one, seen[at] ?? {}]));
      return Promise.all(wanted.map(async (one) => answers.get(one) ?? lookOnce(one)));
    },
    account: async (user) => (users.has(user) ? users.get(user) : real.account(user)),
    async accountOfUid(uid) {
      const [named] = [...users].find(([, account]) => account?.uid === uid) ?? [];
      if (named !== undefined) return named;
      const owner = await real.accountOfUid(uid);
      return owner !== undefined && users.has(owner) ? undefined : owner;
    },
    async idsOf(owner, group) {
      const idOf = async (name: string): Promise<AccountFact> =>
        name === 'root' || !real.siteUsers
          ? OURSELVES
          : ((await state.account(name)) ?? { uid: -1, gid: -1, home: '' });
      return { uid: (await idOf(owner)).uid, gid: (await idOf(group)).gid };
    },
  };
  return state;
}

async function factOf(state: PlannedState, entry: PlannedEntry): Promise<FileFact> {
  const modifiedMs = Date.now();
  if (entry.kind === 'link') {
    const { target } = entry;
    return { kind: 'link', mode: 0o777, uid: 0, gid: 0, size: target.length, modifiedMs, target };
  }
  const size = entry.kind === 'file' ? Buffer.byteLength(entry.text) : 0;
  return { kind: entry.kind, mode: entry.mode, ...(await state.idsOf(entry.owner, entry.group)), size, modifiedMs };
}
