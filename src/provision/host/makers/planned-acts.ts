import type { Host } from '../host.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';
import type { PlannedState } from './planned-state.ts';

/** What planning works with: the state so far, the real host for reads, and planned databases by name. */
export interface Planning {
  state: PlannedState;
  real: Host;
  databases: { made: Set<string>; gone: Set<string> };
}

interface Planned<R> {
  /** False if the act would change nothing. */
  changes: boolean;
  result: R;
}

type Planner<V extends RootVerb> = (
  args: RootActs[V]['args'],
  planning: Planning,
) => Promise<Planned<RootActs[V]['result']>>;

/** Predicts an act's result and whether it changes anything, and notes its effects in the state. */
export async function planAct<V extends RootVerb>(
  verb: V,
  args: RootActs[V]['args'],
  planning: Planning,
): Promise<Planned<RootActs[V]['result']>> {
  const planner: Planner<V> | undefined = planners[verb];
  // An act without a planner is assumed to change something and has no result.
  return planner ? planner(args, planning) : { changes: true, result: undefined as RootActs[V]['result'] };
}

const planners: { [V in RootVerb]?: Planner<V> } = {
  async 'user.add'({ user, uid, home }, { state }) {
    if (!state.siteUsers) return { changes: false, result: undefined };
    const present = await state.account(user);
    state.putUser(user, { uid, gid: uid, home });
    return { changes: present?.uid !== uid, result: undefined };
  },
  async 'user.remove'({ user }, { state }) {
    const changes = state.siteUsers && (await state.account(user)) !== undefined;
    state.putUser(user, undefined);
    return { changes, result: undefined };
  },
  async 'user.stop'({ user }, { state }) {
    return { changes: state.siteUsers && (await state.account(user)) !== undefined, result: undefined };
  },
  async 'user.drain'() {
    return { changes: true, result: { ended: 0 } };
  },
  async 'user.run'() {
    return { changes: true, result: { code: 0, signal: undefined, stdout: '', stderr: '', timedOut: false } };
  },
  async 'folder.make'({ path, owner, group, mode }, { state }) {
    const before = await state.stat(path);
    const { uid, gid } = await state.idsOf(owner, group);
    const changes = before?.uid !== uid || before.gid !== gid || before.mode !== mode;
    if (changes) state.put(path, { kind: 'folder', owner, group, mode, fresh: before === undefined });
    return { changes, result: { made: before === undefined } };
  },
  async 'file.write'({ path, text, owner = 'root', group = 'root', mode }, { state }) {
    const before = await state.stat(path);
    const { uid, gid } = await state.idsOf(owner, group);
    const owned = before?.uid === uid && before.gid === gid && before.mode === mode;
    const changed = !owned || (await state.readText(path)) !== text;
    if (changed) state.put(path, { kind: 'file', text, owner, group, mode });
    return { changes: changed, result: { changed } };
  },
  'file.remove': ({ path }, { state }) => removal(state, path),
  'link.remove': ({ path }, { state }) => removal(state, path),
  'tree.remove': ({ path }, { state }) => removal(state, path),
  async 'link.make'({ path, target }, { state }) {
    const changed = (await state.stat(path))?.target !== target;
    if (changed) state.put(path, { kind: 'link', target });
    return { changes: changed, result: { changed } };
  },
  async 'tree.own'(args, { state, real }) {
    // Folders that are only planned are still empty.
    const known = !real.siteUsers || (await real.account(args.user)) !== undefined;
    const there =
      known && (await state.stat(args.path))?.kind === 'folder' && (await real.stat(args.path)) !== undefined;
    const result = there ? await real.act('tree.own', { ...args, check: true }) : { count: 0, found: [] };
    return { changes: result.count > 0, result };
  },
  async 'tree.rename'({ from, to }, { state }) {
    state.put(from, undefined);
    state.put(to, { kind: 'folder', owner: 'root', group: 'root', mode: 0o755, fresh: true });
    return { changes: true, result: undefined };
  },
  async 'source.debian'() {
    // The version is only known after the download.
    return { changes: true, result: { version: '' } };
  },
  'db.grant': async () => ({ changes: true, result: undefined }),
  'found.files': async () => ({ changes: true, result: undefined }),
  'found.dump': async () => ({ changes: true, result: undefined }),
  'found.database': async () => ({ changes: true, result: undefined }),
  'stream.save': async () => ({ changes: true, result: { bytes: 0, fileBytes: 0, sha256: '' } }),
  'stream.load': async () => ({ changes: true, result: { bytes: 0, fileBytes: 0, sha256: '' } }),
  'stream.check': async () => ({ changes: false, result: { bytes: 0, fileBytes: 0, sha256: '' } }),
  'stream.copy': async () => ({ changes: true, result: { bytes: 0, fileBytes: 0, sha256: '' } }),
  async 'source.git'() {
    return { changes: true, result: { commit: '' } };
  },
  async 'db.create'({ database }, { databases }) {
    note(databases, `database ${database}`, true);
    return { changes: true, result: undefined };
  },
  async 'db.drop'({ socket, database }, planning) {
    const { databases } = await listed(socket, database, planning);
    note(planning.databases, `database ${database}`, false);
    const dropped = databases.includes(database);
    return { changes: dropped, result: { dropped } };
  },
  async 'db.account.add'({ account }, { databases }) {
    note(databases, `account ${account}`, true);
    return { changes: true, result: undefined };
  },
  async 'db.account.remove'({ socket, account }, planning) {
    const { accounts } = await listed(socket, account, planning);
    note(planning.databases, `account ${account}`, false);
    const dropped = accounts.includes(account);
    return { changes: dropped, result: { dropped } };
  },
  async 'db.size'(args, { real }) {
    return { changes: false, result: await real.act('db.size', args) };
  },
  async 'db.list'({ socket, prefix }, planning) {
    return { changes: false, result: await listed(socket, prefix, planning) };
  },
};

async function removal(state: PlannedState, path: string): Promise<Planned<{ removed: boolean }>> {
  const removed = (await state.stat(path)) !== undefined;
  if (removed) state.put(path, undefined);
  return { changes: removed, result: { removed } };
}

/** The databases and accounts of MariaDB, minus those planned to be dropped, plus those planned to be created. */
async function listed(
  socket: string,
  prefix: string,
  { real, databases }: Planning,
): Promise<RootActs['db.list']['result']> {
  const there = await real.act('db.list', { socket, prefix });
  const after = (kind: string, names: string[]): string[] => {
    const made = [...databases.made]
      .filter((name) => name.startsWith(`${kind} ${prefix}`))
      .map((name) => name.slice(kind.length + 1));
    return [...new Set([...names.filter((name) => !databases.gone.has(`${kind} ${name}`)), ...made])].sort();
  };
  return { ...there, databases: after('database', there.databases), accounts: after('account', there.accounts) };
}

function note(databases: Planning['databases'], name: string, made: boolean): void {
  databases[made ? 'made' : 'gone'].add(name);
  databases[made ? 'gone' : 'made'].delete(name);
}
