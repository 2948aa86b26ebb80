import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { cleanText } from '../provision/model/clean-text.ts';
import { describeError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';

/** An error in the worker outside of tasks, which have logs of their own. */
export interface Trouble {
  /** ISO 8601 UTC. */
  at: string;
  text: string;
}

const LINE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (.+)$/;
const LARGEST = 256 * 1024;
const AGAIN_MS = 3600_000;

/** Writes an error to `logs/worker.log`, which doctor reads; a repeated one only once an hour. Never throws. */
export function noteTrouble({ workerLog }: Pick<RootPaths, 'workerLog'>, what: string, error: unknown): void {
  const { code, message, hint } = describeError(error);
  const text = cleanText(`${what}: ${code} ${message}. ${hint}`).replaceAll(/\s+/g, ' ').trim();
  try {
    const known = troubles(workerLog).find((trouble) => trouble.text === text);
    if (known && Date.now() - Date.parse(known.at) < AGAIN_MS) return;
    mkdirSync(dirname(workerLog), { recursive: true, mode: 0o700 });
    if ((statSync(workerLog, { throwIfNoEntry: false })?.size ?? 0) > LARGEST) renameSync(workerLog, `${workerLog}.1`);
    appendFileSync(workerLog, `${new Date().toISOString()} ${text}\n`, { mode: 0o600 });
  } catch {
    // A full disk cannot take the note either.
  }
}

/** The newest error in the worker's log. */
export const lastTrouble = ({ workerLog }: Pick<RootPaths, 'workerLog'>): Trouble | undefined => troubles(workerLog)[0];

/** All errors in the log, newest first. */
function troubles(file: string): Trouble[] {
  if (!statSync(file, { throwIfNoEntry: false })) return [];
  const lines = readFileSync(file, 'utf8').split('\n').reverse();
  return lines.flatMap((line) => {
    const [, at, text] = LINE.exec(line) ?? [];
    return at !== undefined && text !== undefined ? [{ at, text }] : [];
  });
}
