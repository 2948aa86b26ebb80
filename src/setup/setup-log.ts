import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { cleanText } from '../provision/model/clean-text.ts';
import type { RootPaths } from '../provision/model/paths.ts';

/** How setup tells what it does. */
export interface Telling {
  /** A line that stays: what is wrong, each act, and of one that failed what was said last. */
  say(text: string): void;
  /** What is said just now, for a line that is written over; '' when it is over. */
  progress(text: string): void;
}

/** So many lines of what was said before an act failed are shown. */
const LAST_LINES = 15;

/** Where all goes that setup's commands say: `logs/setup.log` of the root, root's alone. What was there stays. */
export interface SetupLog {
  file: string;
  write(text: string): void;
  /** What an act's command has said; the newest is shown as progress. */
  heard(line: string): void;
  /** An act begins, or has ended well: what was heard before it explains nothing any more. */
  forget(): void;
  /** The last lines that were heard, with where the rest is; none where nothing was. */
  lastOutput(): string[];
}

/** Opens the log; `tell` is given what is heard. A log that cannot be written stops no setup. */
export function openSetupLog({ root, setupLog: file }: Pick<RootPaths, 'root' | 'setupLog'>, tell: Telling): SetupLog {
  let heard: string[] = [];
  let told = false;
  const write = (text: string): void => {
    try {
      // Sites' users pass through the root, as setup makes it.
      mkdirSync(root, { recursive: true, mode: 0o711 });
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      appendFileSync(file, `${new Date().toISOString()} ${cleanText(text)}\n`, { mode: 0o600 });
    } catch {
      // A full disk is found by what setup does itself.
    }
  };
  return {
    file,
    write,
    heard(line) {
      write(`    ${line}`);
      if (line.trim() === '') return;
      if (!told) tell.say(`    What it says goes into ${file}`);
      told = true;
      heard = [...heard, line].slice(-LAST_LINES);
      tell.progress(cleanText(line));
    },
    forget() {
      heard = [];
      tell.progress('');
    },
    lastOutput: () => (heard.length > 0 ? [...heard.map((line) => `    ${line}`), `  All of it is in ${file}`] : []),
  };
}
