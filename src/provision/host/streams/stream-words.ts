import { cleanText } from '../../model/clean-text.ts';
import { AegirError } from '../../model/errors.ts';

/** How many names a message holds. */
const NAMED = 5;

/** What a command of a stream says on standard error, and what it means for how it ended. */
export interface Words {
  hear(line: string): void;
  /** Undefined when it has ended well. */
  failure(code: number | null, signal: string | null): AegirError | undefined;
}

/** Listens to a command by its name: tar and the client of MariaDB tell by their words what their codes do not. */
export function listenTo(name: string, use: 'in' | 'out'): Words {
  const packs = name === 'tar' && use === 'out';
  let last = '';
  let odd = 0;
  const unreadable: string[] = [];
  let refused: string | undefined;
  return {
    hear(line) {
      last = `${last}\n${line}`.slice(-2000);
      if (!packs || !movedOn.test(line)) odd += 1;
      const file = packs ? cannotRead.exec(line)?.[1] : undefined;
      if (file !== undefined) unreadable.push(file);
      if (name === 'mariadb' && beyond.test(line)) refused ??= line;
    },
    failure(code, signal) {
      if (code === 0 || (packs && code === 1 && odd === 0)) return undefined;
      if (unreadable.length > 0) return filesUnreadable(unreadable);
      if (refused !== undefined) return dumpRefused(refused);
      const said = cleanText(last.trim());
      if (/No space left on device|Disk quota exceeded/.test(said)) {
        return new AegirError('DISK_FULL', `${name}: ${said}`, 'Make room on that disk, then try again.');
      }
      return new AegirError(
        'STREAM_FAILED',
        `${name} failed: ${said} (${signal ?? `exit code ${code}`})`,
        'See the log.',
      );
    },
  };
}

/** A site goes on while its files are read: what changes or goes meanwhile is no failure (tar's exit code 1). */
const movedOn =
  /^tar: .*: (?:File removed before we read it|file changed as we read it|File shrank by \d+ bytes?; padding with zeros)$/;
const cannotRead = /^tar: (.*): (?:Cannot \w+|Read error at byte .*): (?:Permission denied|Input\/output error)$/;
/** Numbers of MariaDB for what its account may not do, or does not find where it may; the sandbox of its client. */
const beyond = /^ERROR (?:10(?:44|49)|114[23]|1227|1370|1410)\b|sandbox mode/;

function filesUnreadable(files: string[]): AegirError {
  const more = files.length > NAMED ? ` and ${files.length - NAMED} more` : '';
  return new AegirError(
    'FILES_UNREADABLE',
    `the site’s user cannot read ${files.slice(0, NAMED).map(cleanText).join(', ')}${more}`,
    'aegir site verify URI gives a site what lies in its folders; then try again.',
  );
}

const dumpRefused = (line: string): AegirError =>
  new AegirError(
    'DUMP_REFUSED',
    `the database refuses a statement of the dump: ${cleanText(line)}`,
    'It reaches beyond the database of the site. Make a dump of that alone, or use another backup.',
  );
