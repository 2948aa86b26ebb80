import { AegirError } from '../../model/errors.ts';
import type { CommandResult } from '../command-result.ts';
import type { AccountFact, ActOptions, FileFact, Host, Looked, OpenFile, PageAnswer } from '../host.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';
import { type Call, MOST_BYTES, type Scope } from './messages.ts';
import type { Wire } from './wire.ts';

/** A connection to the process that serves a host, and how that process comes by the person's terminal. */
export interface Connected {
  wire: Wire;
  /**
   * Runs `work`, meanwhile passing on signals that would end us. Undefined where the other end does not have our
   * terminal, as on another machine.
   */
  onTerminal?<T>(work: () => Promise<T>): Promise<T>;
}

/** A host whose reads and acts are done at the other end of a wire. `connect` gives the connection, or makes it again. */
export function wireHost(
  facts: Pick<Host, 'name' | 'siteUsers'>,
  scope: Scope,
  connect: () => Promise<Connected>,
): Host {
  const call = async (asked: Call, live?: ActOptions) => (await connect()).wire.call(scope, asked, live);
  const result = async <T>(asked: Call, live?: ActOptions): Promise<T> => (await call(asked, live)).result as T;
  return {
    ...facts,
    planning: false,
    readText: (path, maxBytes) => result<string | undefined>({ call: 'readText', path, maxBytes }),
    stat: (path) => result<FileFact | undefined>({ call: 'stat', path }),
    list: (path) => result<string[]>({ call: 'list', path }),
    look: (wanted) => result<Looked[]>({ call: 'look', wanted: [...wanted] }),
    account: (user) => result<AccountFact | undefined>({ call: 'account', user }),
    accountOfUid: (uid) => result<string | undefined>({ call: 'accountOfUid', uid }),
    space: (path) => result<{ bytes: number; inodes: number }>({ call: 'space', path }),
    ask({ signal, onLine, input, ...command }) {
      const live = {
        ...(signal ? { signal } : {}),
        ...(onLine ? { onLine } : {}),
        ...(input === undefined ? {} : { input }),
      };
      return result<CommandResult>({ call: 'ask', command }, live);
    },
    fetch: (page) => result<PageAnswer>({ call: 'fetch', page }),
    async open(path) {
      const { wire } = await connect();
      const { result: file } = await wire.call(scope, { call: 'open', path });
      return file === undefined ? undefined : openFile(wire, scope, file as number);
    },
    async act<V extends RootVerb>(verb: V, args: RootActs[V]['args'], live?: ActOptions) {
      const { wire, onTerminal } = await connect();
      const act = async (): Promise<RootActs[V]['result']> =>
        (await wire.call(scope, { call: 'act', verb, args }, live)).result as RootActs[V]['result'];
      if (verb !== 'user.terminal') return act();
      if (!onTerminal) {
        const hint = 'Log in there and run it on that machine.';
        throw new AegirError('TERMINAL_FAR', `${facts.name} cannot be given this terminal`, hint);
      }
      return onTerminal(act);
    },
  };
}

const openFile = (wire: Wire, scope: Scope, file: number): OpenFile => ({
  state: async () =>
    (await wire.call(scope, { call: 'fileState', file })).result as { size: number; replaced: boolean },
  async read(into, at) {
    let done = 0;
    while (done < into.length) {
      const length = Math.min(into.length - done, MOST_BYTES);
      const { bytes } = await wire.call(scope, { call: 'fileRead', file, at: at + done, length });
      done += bytes?.copy(into, done) ?? 0;
      if (bytes === undefined || bytes.length < length) break;
    }
    return done;
  },
  close: () => wire.close(file),
});
