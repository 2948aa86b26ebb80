import { writeSync } from 'node:fs';
import { shrinkFrame } from './shrink-frame.ts';

/** Autowrap off and on (DECAWM, DEC STD 070). */
const [NO_WRAP, WRAP] = ['\u001b[?7l', '\u001b[?7h'];

/** The other screen (xterm), which begins where the cursor was on the first: behind a prompt, or what was typed too early. */
const [OTHER_SCREEN, TOP_LEFT] = ['\u001b[?1049h', '\u001b[H'];

/** Back to the first; before it all is erased: GNU screen and mosh have no other one, and would leave our last frame there. */
const [FIRST_SCREEN, ERASE] = ['\u001b[?1049l', '\u001b[H\u001b[J'];

const withScreens = (text: string): string =>
  text.replace(OTHER_SCREEN, OTHER_SCREEN + TOP_LEFT).replace(FIRST_SCREEN, ERASE + FIRST_SCREEN);

type Done = (error?: Error | null) => void;
type Listener = (...args: unknown[]) => void;

/**
 * Standard output as the screen needs it.
 * - All that is written in one turn goes out in one write: Ink writes a frame in three parts, which over SSH are three
 *   packets; and in fewer bytes. While the process exits, each write goes out at once.
 * - While it is written the terminal breaks no lines: a character that is wider there than it is counted here is cut
 *   off at the edge instead of pushing all that follows down.
 * - Those who listen for `resize` through it hear of it a turn later, when the console is laid out for the new size.
 *   Ink would otherwise draw the old screen first, too wide for its lines, and lose count of where they are.
 * - Errors are swallowed: when the connection is lost, there is nobody to tell.
 */
export function makeOneWrite(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const replaced: Record<PropertyKey, unknown> = { write: gatherWrites(stdout), ...delayResize(stdout) };
  stdout.on('error', () => {});
  return new Proxy(stdout, {
    get(target, property) {
      if (property in replaced) return replaced[property];
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function gatherWrites(stdout: NodeJS.WriteStream): NodeJS.WriteStream['write'] {
  let parts: string[] = [];
  let callbacks: Done[] = [];
  let exiting = false;

  function flush(): void {
    if (parts.length === 0 && callbacks.length === 0) return;
    const frame = withScreens(parts.join(''));
    const text = frame === '' ? '' : NO_WRAP + shrinkFrame(frame) + WRAP;
    const done = callbacks;
    parts = [];
    callbacks = [];
    stdout.write(text, (error) => {
      for (const callback of done) callback(error);
    });
  }

  process.on('exit', () => {
    exiting = true;
    try {
      if (parts.length > 0) writeSync(1, withScreens(parts.join('')));
    } catch {
      // The connection is lost.
    }
    parts = [];
  });

  return (text: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const callback = typeof encoding === 'function' ? encoding : done;
    const chunk = typeof text === 'string' ? text : Buffer.from(text).toString();
    if (exiting) return stdout.write(withScreens(chunk), callback);
    if (parts.length === 0 && callbacks.length === 0) queueMicrotask(flush);
    parts.push(chunk);
    if (callback) callbacks.push(callback);
    return !stdout.writableNeedDrain;
  };
}

function delayResize(stdout: NodeJS.WriteStream): Record<'on' | 'off', unknown> {
  const delayed = new Map<Listener, Listener>();
  return {
    on(event: string, listener: Listener) {
      if (event !== 'resize') return stdout.on(event, listener);
      const later: Listener = () => setImmediate(listener);
      delayed.set(listener, later);
      return stdout.on(event, later);
    },
    off: (event: string, listener: Listener) => stdout.off(event, delayed.get(listener) ?? listener),
  };
}
