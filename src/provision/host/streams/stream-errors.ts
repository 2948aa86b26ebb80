import { cleanText } from '../../model/clean-text.ts';
import { AegirError } from '../../model/errors.ts';

/** How many file names a message lists. */
const NAMED = 5;

/** Collects a command's stderr and turns it, with the exit code, into an error. */
export interface ErrorReader {
  add(line: string): void;
  /** Undefined when it has succeeded. */
  failure(code: number | null, signal: string | null): AegirError | undefined;
}

/** Reads the stderr of tar and of MariaDB's client, whose exit codes alone do not tell what went wrong. */
export function errorReader(name: string, use: 'in' | 'out'): ErrorReader {
  const packs = name === 'tar' && use === 'out';
  let last = '';
  let odd = 0;
  const unreadable: string[] = [];
  let refused: string | undefined;
  return {
    add(line) {
      last = `${last}\n${line}`.slice(-2000);
      if (!packs || !changedMeanwhile.test(line)) odd += 1;
      const file = packs ? cannotRead.exec(line)?.[1] : undefined;
      if (file !== undefined) unreadable.push(file);
      if (name === 'mariadb' && denied.test(line)) refused ??= line;
    },
    failure(code, signal) {
      if (code === 0 || (packs && code === 1 && odd === 0)) return undefined;
      if (unreadable.length > 0) return filesUnreadable(unreadable);
      if (refused !== undefined) return dumpRefused(refused);
      const stderr = cleanText(last.trim());
      if (/No space left on device|Disk quota exceeded/.test(stderr)) {
        return new AegirError('DISK_FULL', `${name}: ${stderr}`, 'Make room on that disk, then try again.');
      }
      return new AegirError(
        'STREAM_FAILED',
        `${name} failed: ${stderr} (${signal ?? `exit code ${code}`})`,
        'See the log of the task.',
      );
    },
  };
}

/** Files of a live site may change or vanish while tar reads them, which is no failure (tar's exit code 1). */
const changedMeanwhile =
  /^tar: .*: (?:File removed before we read it|file changed as we read it|File shrank by \d+ bytes?; padding with zeros)$/;
const cannotRead = /^tar: (.*): (?:Cannot \w+|Read error at byte .*): (?:Permission denied|Input\/output error)$/;
/**
 * MariaDB's error numbers for what an account may not do or cannot see, and the message of its client's sandbox mode.
 */
const denied = /^ERROR (?:10(?:44|49)|114[23]|1227|1370|1410)\b|sandbox mode/;

function filesUnreadable(files: string[]): AegirError {
  const more = files.length > NAMED ? ` and ${files.length - NAMED} more` : '';
  return new AegirError(
    'FILES_UNREADABLE',
    `the site’s user cannot read ${files.slice(0, NAMED).map(cleanText).join(', ')}${more}`,
    'aegir site verify URI gives a site the files in its folders; then try again.',
  );
}

const dumpRefused = (line: string): AegirError =>
  new AegirError(
    'DUMP_REFUSED',
    `the database refuses a statement of the dump: ${cleanText(line)}`,
    'It affects more than the site’s database. Make a dump of that database alone, or use another backup.',
  );
