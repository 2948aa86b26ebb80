// Stands in for string-width in the bundle: text of Latin, Greek and Cyrillic letters and of the console's own signs is
// measured here. The library's first look at any other character compiles a pattern of all emoji, 25 ms at each start.
import stringWidth from '../node_modules/string-width/index.js';

const styles = /\u001b\[[0-9;]*m/g;
const single =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02af\u0388-\u03ff\u0400-\u0482\u048a-\u052f–…─│━┃▸●○◐✓✗✔✘↶←↑→↓·⚠★☆«»„“”‘’]*$/;

/** Cells that a text takes in a terminal. */
export default function width(text, options) {
  const bare = text.includes('\u001b') ? text.replaceAll(styles, '') : text;
  return single.test(bare) ? bare.length : stringWidth(text, options);
}
