import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** How a program ended in its terminal. */
export interface TerminalExit {
  code: number;
  signal: number;
}

/** A program in a real pseudo-terminal, its screen read by a terminal emulator. */
export interface Terminal {
  /** Presses keys by name: `j`, `enter`, `esc`, `ctrl-c`, `up`, `space`. Waits after each until it was read. */
  press(...keys: string[]): Promise<void>;
  /** Types a text as one piece. */
  type(text: string): Promise<void>;
  /** The screen as lines of text, without trailing blanks. */
  text(): string;
  lines(): string[];
  /**
   * How the cells of each line look, a sign each, without trailing blanks: `@` reversed, `#` bold, `-` dim; a letter for
   * a colour (red, green, yellow, blue, magenta, cyan), upper case where it is bold.
   */
  looks(): string[];
  /** What was pushed out of the screen above it. */
  scrollback(): string[];
  /** The cell at which a text begins on a line of the screen; -1 where it is not. */
  column(text: string, row: number): number;
  /** Waits until the screen matches; throws with the screen when it does not in time. */
  waitFor(pattern: RegExp | string, timeoutMs?: number): Promise<string>;
  /** Waits until nothing was written for `quietMs`. */
  settle(quietMs?: number): Promise<void>;
  resize(cols: number, rows: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the terminal, as a lost SSH connection does. */
  hangUp(): void;
  /** All bytes that the program wrote. */
  raw(): string;
  /** True while the program shows its own screen, not the shell's. */
  onAlternateScreen(): boolean;
  readonly pid: number;
  exit: Promise<TerminalExit>;
}

const named: Record<string, string> = {
  enter: '\r',
  esc: '\u001b',
  tab: '\t',
  'shift-tab': '\u001b[Z',
  space: ' ',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pgup: '\u001b[5~',
  pgdn: '\u001b[6~',
  delete: '\u001b[3~',
  backspace: '\u007f',
};

/** What a terminal sends for a key. */
export function keyBytes(key: string): string {
  const control = /^ctrl-([a-z])$/.exec(key)?.[1];
  if (control) return String.fromCharCode(control.charCodeAt(0) - 96);
  return named[key] ?? key;
}

/** Starts a program in a terminal of the given size (80×24 unless said). */
export function startTerminal(options: {
  command: string;
  args?: string[];
  cols?: number;
  rows?: number;
  env?: Record<string, string>;
}): Terminal {
  const { command, args = [], cols = 80, rows = 24, env = {} } = options;
  const emulator = new xterm.Terminal({ cols, rows, allowProposedApi: true });
  const child = pty.spawn(command, args, {
    // It becomes the child's TERM.
    name: env.TERM ?? 'xterm-256color',
    cols,
    rows,
    env: {
      PATH: process.env.PATH,
      HOME: homedir(),
      XDG_CACHE_HOME: join(homedir(), '.cache'),
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      ...env,
    },
  });
  let raw = '';
  let written = Date.now();
  child.onData((data) => {
    raw += data;
    written = Date.now();
    emulator.write(data);
  });
  const exit = new Promise<TerminalExit>((resolve) =>
    child.onExit(({ exitCode, signal }) => resolve({ code: exitCode, signal: signal ?? 0 })),
  );

  const lines = (): string[] => {
    const { active } = emulator.buffer;
    return Array.from(
      { length: emulator.rows },
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
  };
  const looks = (): string[] => {
    const { active } = emulator.buffer;
    return Array.from({ length: emulator.rows }, (_, row) => {
      const line = active.getLine(active.baseY + row);
      return Array.from({ length: emulator.cols }, (_, cell) => lookOf(line?.getCell(cell)))
        .join('')
        .trimEnd();
    });
  };
  const scrollback = (): string[] => {
    const { normal } = emulator.buffer;
    return Array.from({ length: normal.length }, (_, row) => normal.getLine(row)?.translateToString(true) ?? '');
  };
  const column = (wanted: string, row: number): number => {
    const line = emulator.buffer.active.getLine(emulator.buffer.active.baseY + row);
    const cells = Array.from({ length: emulator.cols }, (_, cell) => line?.getCell(cell)?.getChars() || ' ');
    return cells.findIndex((_, cell) => cells.slice(cell).join('').startsWith(wanted));
  };
  const text = (): string => lines().join('\n');
  const flushed = (): Promise<void> => new Promise((resolve) => emulator.write('', resolve));

  async function settle(quietMs = 60): Promise<void> {
    while (Date.now() - written < quietMs) await pause(10);
    await flushed();
  }

  async function waitFor(pattern: RegExp | string, timeoutMs = 30_000): Promise<string> {
    const fits = (screen: string): boolean =>
      typeof pattern === 'string' ? screen.includes(pattern) : pattern.test(screen);
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      await flushed();
      if (fits(text())) return text();
      if (Date.now() > deadline) throw new Error(`the screen never showed ${pattern}; it is:\n${text()}`);
      await pause(20);
    }
  }

  return {
    async press(...keys) {
      for (const key of keys) {
        child.write(keyBytes(key));
        // ESC and the next key must not arrive as one sequence.
        await pause(key === 'esc' ? 60 : 20);
        await idle(child.pid);
      }
      await settle();
    },
    async type(typed) {
      child.write(typed);
      await pause(30);
      await idle(child.pid);
      await settle();
    },
    text,
    lines,
    looks,
    scrollback,
    column,
    waitFor,
    settle,
    async resize(newCols, newRows) {
      emulator.resize(newCols, newRows);
      child.resize(newCols, newRows);
      await pause(30);
      await idle(child.pid);
      await settle();
    },
    kill: (signal) => process.kill(child.pid, signal),
    hangUp: () => hangUp(child),
    raw: () => raw,
    onAlternateScreen: () => emulator.buffer.active.type === 'alternate',
    pid: child.pid,
    exit,
  };
}

const colourLetters = ' rgybmc';

/** One sign for how a cell looks. */
function lookOf(cell: xterm.IBufferCell | undefined): string {
  if (!cell) return ' ';
  if (cell.isInverse()) return '@';
  // A blank looks the same in every colour.
  if (cell.getChars().trim() === '') return ' ';
  const colour = cell.isFgPalette() ? (colourLetters[cell.getFgColor()] ?? '?') : '';
  if (colour !== '') return cell.isBold() ? colour.toUpperCase() : colour;
  return cell.isBold() ? '#' : cell.isDim() ? '-' : ' ';
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Waits until a process sleeps, as one does that has read all that was typed: on a busy machine it would else get a key
 * and the next as one sequence, or as a paste. Its state is the first letter after its name (proc(5), stat).
 */
async function idle(pid: number): Promise<void> {
  for (let asleep = 0; asleep < 2; await pause(2)) {
    const stat = readOrNothing(`/proc/${pid}/stat`);
    const state = stat.slice(stat.lastIndexOf(')') + 2)[0] ?? 'Z';
    asleep = 'RD'.includes(state) ? 0 : asleep + 1;
  }
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The terminal's own side is closed; the library has this, its types do not. */
function hangUp(child: pty.IPty): void {
  if ('destroy' in child && typeof child.destroy === 'function') child.destroy();
}
