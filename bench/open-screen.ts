import { spawn } from '@lydell/node-pty';

/** A program in a terminal of 200x50, whose answers to keys are timed. */
export interface Screen {
  readonly pid: number;
  /**
   * Presses a key. Returns how long it took until a text was sent (by default any text), and how many bytes were sent.
   * Then pauses like a person.
   */
  press(key: string, wanted?: string): Promise<{ took: number; bytes: number }>;
  /** All bytes so far. */
  bytes(): number;
  end(): void;
}

/** The interval of frames (30 per second), and time for the rest of the output. */
const REST_MS = 60;
const LIMIT_MS = 20_000;

/** Starts a program and waits until a text is on its screen. */
export async function openScreen(args: string[], wanted: string, env: Record<string, string>): Promise<Screen> {
  const { CI: _ci, ...inherited } = process.env;
  const child = spawn(process.execPath, args, {
    name: 'xterm-256color',
    cols: 200,
    rows: 50,
    cwd: process.cwd(),
    env: { ...inherited, LANG: 'C.UTF-8', ...env },
  });
  let bytes = 0;
  let seen = '';
  let heard = (): void => {};
  child.onData((data) => {
    bytes += Buffer.byteLength(data);
    seen = (seen + data).slice(-100_000);
    heard();
  });
  const next = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`nothing came: ${seen.slice(-500)}`)), LIMIT_MS);
      heard = () => {
        clearTimeout(limit);
        resolve();
      };
    });
  while (!seen.includes(wanted)) await next();
  await rest(2000);
  return {
    pid: child.pid,
    async press(key, wanted = '') {
      const before = bytes;
      seen = '';
      const began = performance.now();
      child.write(key);
      do await next();
      while (!seen.includes(wanted));
      const took = performance.now() - began;
      await rest(REST_MS);
      return { took, bytes: bytes - before };
    },
    bytes: () => bytes,
    end: () => child.kill('SIGKILL'),
  };
}

const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
