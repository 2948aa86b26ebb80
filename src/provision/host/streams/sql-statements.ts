import { Transform } from 'node:stream';

/** Receives each statement of a dump that is not rows, with its delimiter, and returns what takes its place. */
export type Rewrite = (statement: Buffer) => Buffer;

const [NEWLINE, DOUBLE, HASH, SINGLE, STAR, DASH, SLASH, BACKSLASH, BACKTICK] = [10, 34, 35, 39, 42, 45, 47, 92, 96];
/** So many bytes must be at hand to recognise what begins at a place: a word, a delimiter, a comment. */
const AHEAD = 32;
/** A statement that is longer than this is passed on unread: definitions are much shorter. In bytes. */
const LONGEST = 64 * 1024 * 1024;

const bom = Buffer.from([0xef, 0xbb, 0xbf]);
const rows = /^(?:insert|replace)\b/i;
const delimiterCommand = /^delimiter[ \t]/i;
const sqlMode = /\bSET\b[^;]*\bsql_mode\s*=([^;]*)/i;
const useCommand = /^use[ \t`"]/i;

/**
 * Splits a dump into statements as the clients of MySQL and MariaDB do, and lets `rewrite` change those that are not rows.
 * Statements with rows pass byte for byte. It knows strings, quoted identifiers, the three kinds of comment, conditional
 * comments, whose content is code, and the client's own commands DELIMITER and USE. A byte order mark at the start is
 * removed.
 */
export function sqlStatements(rewrite: Rewrite): Transform {
  const reader = new StatementReader(rewrite);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        done(null, joined(reader.read(chunk, false)));
      } catch (error) {
        done(error as Error);
      }
    },
    flush(done) {
      try {
        done(null, joined(reader.read(Buffer.alloc(0), true)));
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

const joined = (parts: Buffer[]): Buffer => (parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));

/** What the reader is in: code, a string or identifier in these quotes, or a comment up to its end. */
type Place = 'code' | typeof SINGLE | typeof DOUBLE | typeof BACKTICK | 'line' | 'comment';

class StatementReader {
  readonly #rewrite: Rewrite;
  #rest: Buffer = Buffer.alloc(0);
  #isStart = true;
  #place: Place = 'code';
  #delimiter = Buffer.from(';');
  /** Which bytes may mean something in code. */
  #marks = marksOf(this.#delimiter);
  /** The statement has a first word. */
  #hasBegun = false;
  #isRows = false;
  /** It is the client's USE, which a line's end ends too. */
  #endsWithLine = false;
  /** A backslash in a string escapes what follows it (SQL mode NO_BACKSLASH_ESCAPES). */
  #escapes = true;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #output: Buffer[] = [];

  constructor(rewrite: Rewrite) {
    this.#rewrite = rewrite;
  }

  /** Reads on; returns what can be passed on. */
  read(chunk: Buffer, isLast: boolean): Buffer[] {
    this.#output = [];
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#isStart) {
      if (data.length < bom.length && !isLast) {
        this.#rest = data;
        return [];
      }
      this.#isStart = false;
      if (data.subarray(0, bom.length).equals(bom)) data = data.subarray(bom.length);
    }
    let [from, at] = [0, 0];
    while (at < data.length) {
      const next = this.#scan(data, at, isLast);
      if (next.ends) {
        this.#end(data.subarray(from, next.at));
        from = next.at;
      }
      if (next.at === at && !next.ends) break;
      at = next.at;
    }
    this.#keep(data.subarray(from, at));
    this.#rest = data.subarray(at);
    if (isLast) {
      this.#end(this.#rest);
      this.#rest = Buffer.alloc(0);
    }
    return this.#output;
  }

  /** Adds to the statement at hand. */
  #keep(part: Buffer): void {
    if (part.length === 0) return;
    if (this.#isRows) {
      this.#output.push(part);
      return;
    }
    this.#held.push(part);
    this.#heldBytes += part.length;
    if (this.#heldBytes > LONGEST) this.#pass();
  }

  /** Passes the statement at hand on as it is, with what is still to come of it. */
  #pass(): void {
    this.#isRows = true;
    this.#output.push(...this.#held);
    this.#held = [];
    this.#heldBytes = 0;
  }

  #end(part: Buffer): void {
    this.#keep(part);
    if (!this.#isRows && this.#heldBytes > 0) {
      const statement = Buffer.concat(this.#held);
      const mode = this.#heldBytes < 4096 && sqlMode.exec(statement.toString('latin1'))?.[1];
      if (mode) this.#escapes = !/NO_BACKSLASH_ESCAPES/i.test(mode);
      this.#output.push(this.#rewrite(statement));
    }
    this.#held = [];
    this.#heldBytes = 0;
    this.#hasBegun = false;
    this.#isRows = false;
    this.#endsWithLine = false;
  }

  /** Goes on from `at`; stops after a statement, or where more data are needed. */
  #scan(data: Buffer, start: number, isLast: boolean): { at: number; ends: boolean } {
    const { length } = data;
    const known = isLast ? length : length - AHEAD;
    let at = start;
    // Looked up once: they are asked for each byte.
    const marks = this.#marks;
    for (;;) {
      if (this.#place === 'line') {
        const end = data.indexOf(NEWLINE, at);
        if (end === -1) return { at: length, ends: false };
        // The end of the line is code again: it may end a statement.
        at = end;
        this.#place = 'code';
      } else if (this.#place === 'comment') {
        const end = data.indexOf('*/', at, 'latin1');
        if (end === -1) return { at: isLast ? length : Math.max(at, length - 1), ends: false };
        at = end + 2;
        this.#place = 'code';
      } else if (this.#place !== 'code') {
        at = stringEnd(data, at, this.#place, this.#escapes);
        if (at >= length) return at > length && !isLast ? { at: length - 1, ends: false } : { at: length, ends: false };
        at += 1;
        this.#place = 'code';
      }
      // Code.
      if (this.#hasBegun) while (at < known && marks[data[at] as number] === 0) at += 1;
      if (at >= known) return { at: Math.min(at, length), ends: false };
      const byte = data[at] ?? 0;
      if (this.#startsDelimiter(data, at)) return { at: at + this.#delimiter.length, ends: true };
      if (byte === NEWLINE && this.#endsWithLine) return { at: at + 1, ends: true };
      if (byte === SINGLE || byte === DOUBLE || byte === BACKTICK) {
        this.#hasBegun = true;
        this.#place = byte;
        at += 1;
      } else if (byte === HASH || (byte === DASH && data[at + 1] === DASH && (data[at + 2] ?? NEWLINE) <= 32)) {
        this.#place = 'line';
      } else if (byte === SLASH && data[at + 1] === STAR) {
        const isConditional = /^\/\*M?!\d*/.exec(data.toString('latin1', at, at + 12))?.[0];
        // 999999 marks a command for the client, which is no code of a statement.
        if (isConditional === undefined || isConditional.endsWith('999999')) {
          this.#place = 'comment';
          at += 2;
        } else at += isConditional.length;
      } else if (byte === STAR && data[at + 1] === SLASH) {
        at += 2;
      } else if (!this.#hasBegun && byte > 32) {
        const word = data.toString('latin1', at, at + 12);
        if (delimiterCommand.test(word)) {
          const end = data.indexOf(NEWLINE, at);
          if (end === -1 && !isLast) return { at, ends: false };
          const line = end === -1 ? length : end;
          this.#delimiter = Buffer.from(data.toString('latin1', at + 10, line).trim() || ';', 'latin1');
          this.#marks = marksOf(this.#delimiter);
          return { at: Math.min(line + 1, length), ends: true };
        }
        this.#hasBegun = true;
        this.#endsWithLine = useCommand.test(word);
        if (rows.test(word)) this.#pass();
        at += 1;
      } else at += 1;
    }
  }

  #startsDelimiter(data: Buffer, at: number): boolean {
    const { length } = this.#delimiter;
    return data[at] === this.#delimiter[0] && (length === 1 || data.subarray(at, at + length).equals(this.#delimiter));
  }
}

/** Where a string or quoted identifier ends; beyond the data if its last byte escapes the next. */
function stringEnd(data: Buffer, start: number, quote: number, escapes: boolean): number {
  const { length } = data;
  const escaping = escapes && quote !== BACKTICK ? BACKSLASH : -1;
  let at = start;
  while (at < length) {
    const byte = data[at];
    if (byte === quote) return at;
    at += byte === escaping ? 2 : 1;
  }
  return at;
}

function marksOf(delimiter: Buffer): Uint8Array {
  const marks = new Uint8Array(256);
  for (const byte of [NEWLINE, DOUBLE, HASH, SINGLE, STAR, DASH, SLASH, BACKTICK, delimiter[0] ?? 0]) marks[byte] = 1;
  return marks;
}
