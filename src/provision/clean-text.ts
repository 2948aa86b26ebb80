/** Longest line that is kept, in UTF-16 units; what is beyond it is counted, not kept. */
const MAX_LINE = 4000;

/**
 * Terminal sequences as a whole: CSI, the strings OSC, DCS, APC, PM and SOS with their content, and other
 * escapes (ECMA-48). Matched before single characters, so that their parameters do not stay behind as text.
 */
const sequences =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c|$)|\u001b[ -/]*[0-~]/g;

/**
 * C0 except tab, DEL, C1, and what reorders or hides text: bidirectional and zero-width controls, line and
 * paragraph separators, the byte-order mark, tags, and half surrogates.
 */
const controls =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udfff]/g;

/**
 * A line as it may be shown in a terminal: nothing in it can move the cursor, set a title, reorder text or
 * write outside its line. Colours are dropped, other controls become visible tokens such as `<1b>`, and a line
 * of more than 4,000 characters is cut with a note. Visitors can write such bytes into a web server's error log
 * (CVE-2009-4487), so this holds for every text that the program did not write itself.
 */
export function cleanText(text: string): string {
  // Cut first: a hostile line of megabytes must not cost time.
  const cut = text.length > MAX_LINE ? text.slice(0, MAX_LINE) : text;
  const clean = cut
    .replace(sequences, (sequence) => (/m$/.test(sequence) ? '' : '<esc>'))
    .replace(controls, (control) => `<${(control.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}>`);
  return text.length > MAX_LINE ? `${clean} … (${text.length - MAX_LINE} characters more)` : clean;
}
