/** Longest line that is kept, in UTF-16 units, with its note. */
const MAX_LINE = 4000;
const KEPT = 3900;

/** Colours and weights, the only escape sequences that ordinary programs print (SGR, ECMA-48 §8.3.117). */
const colours = /(?:\u001b\[|\u009b)[0-9;:]*m/g;

/**
 * C0 except tab, DEL, C1, and what reorders or hides text: bidirectional and zero-width controls, invisible fillers,
 * line and paragraph separators, the byte-order mark, tags, and lone surrogates. Persian, Indic scripts and emoji need the zero-width
 * joiner and non-joiner, which therefore stay between two characters that are not Latin.
 */
const controls =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]|(?<![^\u0000-\u02ff\u200b-\u200f])[\u200c\u200d]|[\u200c\u200d](?![^\u0000-\u02ff\u200b-\u200f])|\u034f|[\u17b4\u17b5]|[\u180b-\u180d\u180f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udfff]/g;

/**
 * Makes a line safe for a terminal: nothing in it can move the cursor, set a title, reorder text or write outside of
 * its line. Colours are dropped; any other control becomes a visible token, such as `␛` or `\u{202e}`, and the text
 * after it stays, so that nobody can hide the rest of a line. A line of more than 4,000 characters is cut, with a note.
 * Cleaning twice changes nothing.
 *
 * Visitors can write such bytes into a web server's error log (CVE-2009-4487), so this applies to every text from
 * outside of the program.
 */
export function cleanText(text: string): string {
  // Cut first, so that a hostile line of megabytes costs no time.
  const clean = (text.length > MAX_LINE ? text.slice(0, KEPT) : text).replace(colours, '').replace(controls, token);
  if (text.length <= MAX_LINE && clean.length <= MAX_LINE) return clean;
  // Half of a surrogate pair, or a joiner with nothing to join, would not survive a second cleaning.
  const kept = clean.slice(0, KEPT).replace(/[\ud800-\udbff\u200c\u200d]+$/, '');
  return `${kept} … (cut; ${text.length} characters)`;
}

/** Unicode has a picture for each C0 control and for DEL (U+2400 and following); other controls get their number. */
function token(control: string): string {
  const code = control.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : `\\u{${code.toString(16)}}`;
}

/** How many lines of a longer text a message keeps: the first, which names the program, and the last ones. */
const KEPT_LINES = 3;
/** Lines that only say where an error occurred: stack frames, and PHP's lines around them. */
const frame = /^(?:#\d+ |at \S.*:\d|Stack trace:|thrown in )/;

/**
 * Joins output of several lines into one, separated by slashes; of more than three lines, the first and the last two.
 * Lines without a letter and stack frames are dropped. The full text belongs in a log.
 */
export function oneLine(text: string): string {
  if (!/[\r\n]/.test(text)) return text;
  const lines = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => /\p{L}/u.test(line) && !frame.test(line));
  return (lines.length <= KEPT_LINES ? lines : [...lines.slice(0, 1), '…', ...lines.slice(1 - KEPT_LINES)]).join(' / ');
}
