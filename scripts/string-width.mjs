// Replaces string-width in the bundle. It measures Latin, Greek and Cyrillic text and the console's own glyphs itself:
// for any other character, the library first compiles a pattern of all emoji, which takes 25 ms at each start.
import stringWidth from '../node_modules/string-width/index.js';

const styles = /\u001b\[[0-9;]*m/g;
const single =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02af\u0388-\u03ff\u0400-\u0482\u048a-\u052f–…─│━┃▸●○◐✓✗✔✘↶←↑→↓·⚠★☆«»„“”‘’]*$/;

/** The number of terminal cells that a text takes. */
export default function width(text, options) {
  const bare = text.includes('\u001b') ? text.replaceAll(styles, '') : text;
  return single.test(bare) ? bare.length : stringWidth(text, options);
}
