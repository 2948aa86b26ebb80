import stringWidth from 'string-width';
import { cleanText } from '../../provision/model/clean-text.ts';

const plain = /^[\u0020-\u007e]*$/;
/** Letters of Latin, Greek and Cyrillic and the signs that the console draws: one cell each. Asked first, as the first
 * look at any other character costs tens of milliseconds for a pattern of all emoji. */
const single = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02af\u0388-\u03ff\u0400-\u0482\u048a-\u052f–…›─▸●○◐✓✗↶←↑→↓·]*$/;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Text without anything that a terminal would obey. Line ends become spaces. */
export const safeText = (text: string): string =>
  plain.test(text) ? text : cleanText(text.replaceAll(/[\r\n\t]+/g, ' '));

/** How many cells a text takes. */
export const widthOf = (text: string): number => (single.test(text) ? text.length : stringWidth(text));

/** Cuts a text to at most `width` cells, with an ellipsis where something was cut. */
export function cutText(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  const room = width - widthOf(ellipsis);
  if (room <= 0) return ellipsis.slice(0, width);
  if (single.test(text)) return text.slice(0, room) + ellipsis;
  let cut = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += widthOf(segment);
    if (used > room) break;
    cut += segment;
  }
  return cut + ellipsis;
}

/** Cuts or fills a text to exactly `width` cells. */
export function padText(text: string, width: number, align: 'left' | 'right' = 'left', ellipsis = '…'): string {
  const cut = cutText(text, width, ellipsis);
  const fill = ' '.repeat(Math.max(0, width - widthOf(cut)));
  return align === 'left' ? cut + fill : fill + cut;
}

/** Cuts a text from its beginning: of a path the end says which file it is. */
export function cutStart(text: string, width: number, ellipsis = '…'): string {
  if (widthOf(text) <= width) return text;
  const kept = [...segmenter.segment(text)].map(({ segment }) => segment);
  while (kept.length > 0 && widthOf(kept.join('')) > width - widthOf(ellipsis)) kept.shift();
  return cutText(ellipsis + kept.join(''), width, ellipsis);
}

/** Breaks a text into pieces of at most `width` cells. */
export function chopText(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text];
  if (single.test(text)) return text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [text];
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const wide = widthOf(segment);
    if (used + wide > width) {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += segment;
    used += wide;
  }
  return [...pieces, piece];
}
