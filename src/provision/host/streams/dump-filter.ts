import { Transform } from 'node:stream';
import { AegirError } from '../../model/errors.ts';

/** Collations of MySQL 8 and of MariaDB 11.4 and newer that other versions lack, and their nearest equivalents. */
const collations: [RegExp, string][] = [
  [/utf8mb4_(?:0900_ai_ci|uca1400_ai_ci|uca1400_as_ci)/g, 'utf8mb4_unicode_520_ci'],
];

/**
 * Filters a foreign dump so that it can be loaded into the one database of a site: statements that create or select a
 * database, set the definer to another account or set variables that need administrator rights are removed. Lines with
 * rows are passed unchanged, and nothing is removed from the body of a trigger, routine or event. Fails with
 * `DUMP_UNFIT` on a dump of several databases.
 */
export function dumpFilter(): Transform {
  const pieces: Buffer[] = [];
  const change = lineChanger();
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        const end = chunk.lastIndexOf(10);
        if (end === -1) pieces.push(chunk);
        else {
          pieces.push(chunk.subarray(0, end + 1));
          for (const line of linesIn(Buffer.concat(pieces.splice(0)))) this.push(change(line));
          pieces.push(chunk.subarray(end + 1));
        }
        done();
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        const rest = Buffer.concat(pieces);
        done(null, rest.length > 0 ? change(rest) : undefined);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

/** Filters line by line, and tracks whether a line is in the body of a trigger, routine or event. */
function lineChanger(): (bytes: Buffer) => Buffer {
  let database: string | undefined;
  let inBody = false;
  let inRows = false;
  return (bytes) => {
    // The rows of one statement may each have their own line.
    const start = bytes.toString('latin1', 0, 20);
    inRows = /^\s*(?:INSERT|REPLACE) /i.test(start) || (inRows && /^\s*\(/.test(start));
    if (inRows) return bytes;
    const line = bytes.toString('latin1');
    const delimiter = /^DELIMITER (\S+)\s*$/i.exec(line)?.[1];
    if (delimiter !== undefined) inBody = delimiter !== ';';
    const chosen = inBody ? undefined : /^USE `((?:[^`]|``)+)`/i.exec(line)?.[1];
    if (chosen !== undefined && database !== undefined && chosen !== database) {
      const both = `${Buffer.from(database, 'latin1')} and ${Buffer.from(chosen, 'latin1')}`;
      throw new AegirError(
        'DUMP_UNFIT',
        `the dump contains several databases: ${both}`,
        'Make a dump of the site’s database alone.',
        'dump',
      );
    }
    database = chosen ?? database;
    return Buffer.from(inBody ? adapted(line) : left(line), 'latin1');
  };
}

function* linesIn(bytes: Buffer): Generator<Buffer> {
  let from = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, from)) {
    yield bytes.subarray(from, end + 1);
    from = end + 1;
  }
}

const leftOut = /^(?:CREATE DATABASE|USE `|(?:\/\*!\d+ )?SET @@(?:GLOBAL|SESSION)\.|SET @MYSQLDUMP_TEMP_LOG_BIN)/i;

function left(line: string): string {
  if (leftOut.test(line)) return /;\s*$/.test(line) ? '\n' : `-- ${line}`;
  return adapted(line);
}

function adapted(line: string): string {
  const free = line.replaceAll(/DEFINER\s*=\s*`(?:[^`]|``)*`@`(?:[^`]|``)*`/g, '');
  return collations.reduce((text, [unknown, known]) => text.replaceAll(unknown, known), free);
}
