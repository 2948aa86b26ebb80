/** From this many blanks on, two sequences are shorter. */
const WORTH = 12;

/**
 * A frame in fewer bytes, for slow lines; the screen is the same. Steps from line to line (CNL, which mosh does not
 * know) become one step down from the first column (CUD with a count), and long runs of blanks are erased and passed
 * over (ECH, CUF: ECMA-48, in every terminal of the last thirty years) instead of sent. Blanks in reverse are left:
 * terminals differ in what an erased cell looks like there.
 */
export function shrinkFrame(frame: string): string {
  let inverse = false;
  return frame.replaceAll(parts, (part) => {
    if (part === '\u001b[7m' || part === '\u001b[27m') {
      inverse = part === '\u001b[7m';
      return part;
    }
    if (part.startsWith('\u001b[E')) return part.length > 3 ? `\r\u001b[${part.length / 3}B` : '\r\u001b[B';
    return inverse ? part : `\u001b[${part.length}X\u001b[${part.length}C`;
  });
}

const parts = new RegExp(`\\u001b\\[(?:7|27)m|(?:\\u001b\\[E)+| {${WORTH},}`, 'g');
