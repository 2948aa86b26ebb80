import { chopText, safeText } from './fit.ts';
import { formatTimeOfDay } from './format.ts';
import { taskLayout } from './layout.ts';
import { newLines } from './log-view.ts';
import { type ConsoleState, currentPage } from './model.ts';
import type { Tone } from './table.ts';

/** A line of the log as it is drawn. */
export interface LogRow {
  time: string;
  text: string;
  tone: Tone;
  /** The line that was jumped to. */
  hit: boolean;
}

/** The lines of the log that are on the screen. Following with long lines wrapped, the last ones win. */
export function logRows(state: ConsoleState): LogRow[] {
  const { log: view } = currentPage(state);
  const { from, lines } = state.data.log;
  const height = taskLayout(state).log;
  const timeWidth = view.timestamps ? 10 : 0;
  const rows = lines.flatMap((entry, place): LogRow[] => {
    const time = view.timestamps && entry.at ? formatTimeOfDay(entry.at) : '';
    const tone = toneOf(entry.level, entry.stream);
    const hit = view.hit === from + place;
    const safe = safeText(entry.text);
    const texts = view.wrap ? chopText(safe, Math.max(10, state.columns - 2 - timeWidth)) : [safe];
    return texts.map((text, part) => ({ time: part === 0 ? time : '', text, tone, hit }));
  });
  return view.top === undefined ? rows.slice(-height) : rows.slice(0, height);
}

/** What the log's title says of it: its length, whether it follows, what is searched for. */
export function logStatus(state: ConsoleState): string {
  const { log: view } = currentPage(state);
  const { count } = state.data.log;
  const fresh = newLines(view, count);
  const follows = view.top === undefined ? 'following' : `paused${fresh > 0 ? `, +${fresh} new` : ''}`;
  const flags = [view.wrap ? 'wrapped' : '', view.search === '' ? '' : `/${view.search}`].filter(Boolean);
  return [`${count} ${count === 1 ? 'line' : 'lines'}`, count === 0 ? '' : follows, ...flags]
    .filter(Boolean)
    .join(', ');
}

function toneOf(level: string, stream: string): Tone {
  if (level === 'error') return 'bad';
  if (level === 'warning') return 'warn';
  return level === 'debug' || stream !== 'aegir' ? 'dim' : 'plain';
}
