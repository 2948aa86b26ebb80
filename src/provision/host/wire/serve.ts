import type { Readable, Writable } from 'node:stream';
import { oneLine } from '../../model/clean-text.ts';
import { AegirError, wholeMessage } from '../../model/errors.ts';
import type { ActOptions, Host, OpenFile } from '../host.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';
import { readFrames, writeFrame } from './frames.ts';
import {
  type Call,
  type FromServer,
  type LiveWishes,
  PROTOCOL,
  packError,
  type Scope,
  type ToServer,
  toServer,
} from './messages.ts';

/**
 * Answers calls that come over `input` until it ends: reads, and acts of the closed list. `hostFor` makes the host that a
 * call is for, with the policy by which its acts are checked: what a scope may ask for is decided there.
 */
export function serveHost(hostFor: (scope: Scope) => Host, input: Readable, output: Writable): Promise<void> {
  const running = new Map<number, AbortController>();
  const files = new Map<number, OpenFile>();
  let lastFile = 0;
  const say = (message: FromServer, bytes?: Buffer): void => writeFrame(output, message, bytes);

  function take({ message }: { message: unknown }): void {
    const checked = toServer.safeParse(message);
    if (!checked.success) refuseCall(message, checked.error);
    else obey(checked.data);
  }

  function obey(asked: ToServer): void {
    if ('cancel' in asked) running.get(asked.cancel)?.abort();
    else if ('close' in asked) {
      files.get(asked.close)?.close();
      files.delete(asked.close);
    } else void answer(asked);
  }

  /** What is no call at all ends the connection. */
  function refuseCall(message: unknown, why: Error): void {
    const id = (message as { id?: unknown } | null)?.id;
    if (typeof id !== 'number') {
      input.destroy();
      return;
    }
    const refused = new AegirError(
      'ACT_REFUSED',
      `a call was not understood: ${oneLine(wholeMessage(why))}`,
      'Nothing was done.',
    );
    say({ id, error: packError(refused, neverAborted) });
  }

  async function answer({ id, scope, call, live = {} }: Extract<ToServer, { id: number }>): Promise<void> {
    const cancel = new AbortController();
    if (live.aborted) cancel.abort();
    running.set(id, cancel);
    try {
      const { result, bytes } = await perform(hostFor(scope), call, optionsOf(id, live, cancel.signal));
      say({ id, result }, bytes);
    } catch (error) {
      say({ id, error: packError(error, cancel.signal) });
    } finally {
      running.delete(id);
    }
  }

  const optionsOf = (id: number, { lines, progress, input }: LiveWishes, signal: AbortSignal): ActOptions => ({
    signal,
    ...(input === undefined ? {} : { input }),
    ...(lines ? { onLine: (...line) => say({ id, line }) } : {}),
    ...(progress ? { onProgress: (...done) => say({ id, progress: done }) } : {}),
  });

  async function perform(
    host: Host,
    asked: Call,
    live: ActOptions,
  ): Promise<{ result?: unknown; bytes?: Buffer | undefined }> {
    switch (asked.call) {
      case 'readText':
        return { result: await host.readText(asked.path, asked.maxBytes) };
      case 'stat':
        return { result: await host.stat(asked.path) };
      case 'list':
        return { result: await host.list(asked.path) };
      case 'look':
        return { result: await host.look(asked.wanted) };
      case 'account':
        return { result: await host.account(asked.user) };
      case 'accountOfUid':
        return { result: await host.accountOfUid(asked.uid) };
      case 'space':
        return { result: await host.space(asked.path) };
      case 'ask': {
        const { signal, onLine, input } = live;
        const { file, args, ...rest } = asked.command;
        return { result: await host.ask({ file, args, ...defined({ ...rest, signal, onLine, input }) }) };
      }
      case 'fetch':
        return { result: await host.fetch(asked.page) };
      case 'act':
        return { result: await host.act(asked.verb as RootVerb, asked.args as RootActs[RootVerb]['args'], live) };
      case 'open': {
        const file = await host.open(asked.path);
        if (!file) return {};
        lastFile += 1;
        files.set(lastFile, file);
        return { result: lastFile };
      }
      case 'fileState':
        return { result: await fileOf(asked.file).state() };
      case 'fileRead': {
        const bytes = Buffer.allocUnsafe(asked.length);
        return { bytes: bytes.subarray(0, await fileOf(asked.file).read(bytes, asked.at)) };
      }
    }
  }

  function fileOf(id: number): OpenFile {
    const file = files.get(id);
    if (!file) throw new Error(`no file ${id} is open`);
    return file;
  }

  output.on('error', () => {});
  say({ hello: { protocol: PROTOCOL } });
  return new Promise((resolve) => {
    readFrames(input, {
      take,
      ended() {
        for (const cancel of running.values()) cancel.abort();
        for (const file of files.values()) file.close();
        resolve();
      },
    });
  });
}

const neverAborted = new AbortController().signal;

/** The fields that have a value: an option that is given as undefined is another than one that is not given. */
const defined = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
