import type { Readable, Writable } from 'node:stream';
import { AegirError } from '../../model/errors.ts';
import type { ActOptions } from '../host.ts';
import { type Frame, readFrames, writeFrame } from './frames.ts';
import { type Call, type FromServer, PROTOCOL, type Scope, type ToServer, unpackError } from './messages.ts';

/** The asking end of a connection to a process that serves a host. */
export interface Wire {
  /**
   * Asks, and resolves with the result and the bytes that came with it. Throws what the call has thrown there, and
   * `HOST_LOST` when the other end goes before it has answered.
   */
  call(scope: Scope, call: Call, live?: ActOptions): Promise<Answer>;
  /** Lets an open file go. */
  close(file: number): void;
}

export interface Answer {
  result: unknown;
  bytes: Buffer | undefined;
}

interface Waiting {
  live: ActOptions;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** The two streams of a connection, and what is done when it ends. */
export interface Ends {
  /** Named in errors. */
  name: string;
  input: Readable;
  output: Writable;
  /** Called when calls begin to wait, and when none waits any more. */
  busy?(busy: boolean): void;
  /** Called when the connection has ended, before the calls that waited for it are told. */
  lost?(): Promise<void>;
}

/** Makes it over two streams. The other end is told apart from another version of the program by its first message. */
export function openWire({ name, input, output, busy, lost }: Ends): Wire {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let gone: AegirError | undefined;

  function take({ message, bytes }: Frame): void {
    const said = message as FromServer;
    if ('hello' in said) {
      if (said.hello.protocol === PROTOCOL) return;
      gone = new AegirError(
        'HOST_VERSION',
        `what acts on ${name} speaks version ${said.hello.protocol} of the protocol, this program ${PROTOCOL}`,
        'Install the same version of aegir on both.',
      );
      input.destroy();
      return;
    }
    const asked = waiting.get(said.id);
    if (!asked) return;
    if ('line' in said) asked.live.onLine?.(...said.line);
    else if ('progress' in said) asked.live.onProgress?.(...said.progress);
    else {
      forget(said.id);
      if ('error' in said) asked.reject(unpackError(said.error, asked.live.signal));
      else asked.resolve({ result: said.result, bytes });
    }
  }

  async function ended(): Promise<void> {
    gone ??= hostLost(name);
    output.destroy();
    const left = [...waiting.entries()];
    await lost?.();
    for (const [id, { reject }] of left) {
      forget(id);
      reject(gone);
    }
  }

  function forget(id: number): void {
    waiting.delete(id);
    if (waiting.size === 0) busy?.(false);
  }

  const send = (message: ToServer): void => writeFrame(output, message);

  // Its end is told by the reading side.
  output.on('error', () => {});
  readFrames(input, { take, ended: () => void ended() });

  return {
    async call(scope, call, live = {}) {
      if (gone) throw gone;
      const { signal, onLine, onProgress, input } = live;
      lastId += 1;
      const id = lastId;
      const cancel = (): void => send({ cancel: id });
      const answer = new Promise<Answer>((resolve, reject) => {
        waiting.set(id, { live, resolve, reject });
      });
      if (waiting.size === 1) busy?.(true);
      send({
        ...{ id, scope, call },
        live: {
          ...(onLine ? { lines: true } : {}),
          ...(onProgress ? { progress: true } : {}),
          ...(signal?.aborted ? { aborted: true } : {}),
          ...(input === undefined ? {} : { input }),
        },
      });
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        return await answer;
      } finally {
        signal?.removeEventListener('abort', cancel);
      }
    },
    close: (file) => send({ close: file }),
  };
}

/** What calls are told that were not answered. */
export const hostLost = (name: string): AegirError =>
  new AegirError(
    'HOST_LOST',
    `the process that acts on ${name} ended before it had answered`,
    'It is started again by the next task. Was it killed, or is memory short? See: dmesg',
  );
