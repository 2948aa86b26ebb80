import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { cleanText } from '../provision/model/clean-text.ts';
import type { RootPaths } from '../provision/model/paths.ts';

/** The output of setup. */
export interface Telling {
  /** A permanent line: problems, each act, and the last output of a failed one. */
  say(text: string): void;
  /** A line that is overwritten by the next; '' clears it. */
  progress(text: string): void;
}

/** How many lines of output are shown when an act fails. */
const LAST_LINES = 15;

/**
 * The log of all output of setup's commands: `logs/setup.log` of the root folder, readable only by root. Appended to.
 */
export interface SetupLog {
  file: string;
  write(text: string): void;
  /** Receives a line of an act's output; the newest is shown as progress. */
  heard(line: string): void;
  /** An act begins or has succeeded: earlier output is no longer relevant. */
  forget(): void;
  /** The last output lines and the path of the log; empty without output. */
  lastOutput(): string[];
}

/** Opens the log; `tell` receives the output. A log that cannot be written does not stop setup. */
export function openSetupLog({ root, setupLog: file }: Pick<RootPaths, 'root' | 'setupLog'>, tell: Telling): SetupLog {
  let heard: string[] = [];
  let told = false;
  const write = (text: string): void => {
    try {
      // Sites' users must be able to enter the root folder; same mode as in setup.
      mkdirSync(root, { recursive: true, mode: 0o711 });
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      appendFileSync(file, `${new Date().toISOString()} ${cleanText(text)}\n`, { mode: 0o600 });
    } catch {
      // Setup itself notices a full disk.
    }
  };
  return {
    file,
    write,
    heard(line) {
      write(`    ${line}`);
      if (line.trim() === '') return;
      if (!told) tell.say(`    Its output goes into ${file}`);
      told = true;
      heard = [...heard, line].slice(-LAST_LINES);
      tell.progress(cleanText(line));
    },
    forget() {
      heard = [];
      tell.progress('');
    },
    lastOutput: () =>
      heard.length > 0 ? [...heard.map((line) => `    ${line}`), `  The whole output is in ${file}`] : [],
  };
}
