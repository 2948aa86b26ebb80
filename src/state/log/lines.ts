import type { LogLook, ShownLogLine } from '../model/log.ts';
import type { GlyphName, Tone } from '../model/parts.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { currentLog } from '../pages/definition.ts';
import { logHeight } from '../pages/layout.ts';
import { chopText, safeText } from '../text/fit.ts';
import { formatStamp, formatTimeOfDay } from '../text/format.ts';

/** A row of the log as it is drawn: a line, or a part of one that is wrapped. */
export interface LogRow {
  /** The line that keys act on. */
  here: boolean;
  /** The first row of its line. */
  head: boolean;
  marked: boolean;
  glyph: GlyphName | undefined;
  time: string;
  text: string;
  tone: Tone;
}

/** Cells before the text: the line that keys act on, mark or level, a space. */
export const LOG_GUTTER = 3;

/** How the log of the page is drawn. */
export function logLook(state: ConsoleState): LogLook {
  const look = currentLog(state)?.look;
  return { wrap: false, timestamps: false, ...look?.first, ...state.logLooks[look?.name ?? ''] };
}

/** The rows that are on the screen. Where wrapped lines need more, the one that keys act on stays in sight. */
export function logRows(state: ConsoleState): LogRow[] {
  const { log: view } = currentPage(state);
  const { from, lines } = state.data.log;
  const height = logHeight(state);
  const rows: LogRow[] = [];
  let [start, stop] = [0, 0];
  for (const [at, entry] of lines.entries()) {
    const here = view.cursor === from + at;
    if (here) start = rows.length;
    rows.push(...rowsOf(state, entry, here));
    if (here) stop = rows.length;
  }
  if (view.cursor === undefined) return rows.slice(-height);
  const skipped = Math.min(start, Math.max(0, stop - height));
  return rows.slice(skipped, skipped + height);
}

function rowsOf(state: ConsoleState, entry: ShownLogLine, here: boolean): LogRow[] {
  const { wrap, timestamps } = logLook(state);
  const marked = currentPage(state).log.marks.has(entry.number);
  const time = timestamps && !currentLog(state)?.still ? timeOf(state, entry.at) : '';
  const width = Math.max(10, state.columns - LOG_GUTTER - (time === '' ? 0 : time.length + 2));
  const safe = safeText(entry.text);
  const { glyph, tone } = signOf(entry);
  const texts = wrap ? chopText(safe, width) : [safe];
  return texts.map((text, part) =>
    part === 0
      ? { here, head: true, marked, glyph, time, text, tone }
      : { here, head: false, marked: false, glyph: undefined, time: ' '.repeat(time.length), text, tone },
  );
}

function timeOf(state: ConsoleState, at: string): string {
  const oneDay = currentLog(state)?.oneDay === true;
  if (Number.isNaN(Date.parse(at))) return ' '.repeat(oneDay ? 8 : 14);
  return oneDay ? formatTimeOfDay(at) : formatStamp(at);
}

/** What the log's title says of it: its length, whether it follows, what is shown and searched for. */
export function logStatus(state: ConsoleState): string {
  const { log: view } = currentPage(state);
  const { first, end, whole, fresh, total, problem } = state.data.log;
  const [moving, still] = currentLog(state)?.still ? ['at its end', 'at line'] : ['following', 'paused at'];
  if (total === 0) return problem === '' ? '' : '0 lines';
  const place = view.cursor === undefined ? moving : `${still} ${counted(view.cursor - first + 1)}`;
  return [
    view.filter === 'all' ? '' : `${filterNames[view.filter]}: ${counted(end - first)} of`,
    `${counted(total)}${whole ? '' : '+'} ${total === 1 ? 'line' : 'lines'},`,
    fresh > 0 ? `${place}, +${counted(fresh)} new` : place,
    view.search === '' ? '' : ` /${view.search}`,
    view.marks.size === 0 ? '' : ` ${view.marks.size} marked`,
  ]
    .filter(Boolean)
    .join(' ');
}

const filterNames = { warnings: 'warnings and errors', errors: 'errors' };

/** A number that can be read: "1,000,000". */
const counted = (value: number): string => String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');

function signOf({ level, stream }: ShownLogLine): { glyph: GlyphName | undefined; tone: Tone } {
  if (level === 'error') return { glyph: 'failed', tone: 'bad' };
  if (level === 'warning') return { glyph: 'warning', tone: 'warn' };
  return { glyph: undefined, tone: level === 'debug' || stream !== 'aegir' ? 'dim' : 'plain' };
}
