import type { LogData, LogView } from '../model/log.ts';
import type { ConsoleState } from '../model/state.ts';
import { logHeight } from '../pages/layout.ts';
import { changePage } from '../pages/list.ts';
import { nextFilter } from './filter.ts';

/** Changes how the log of the page is looked at. */
export const changeLog = (state: ConsoleState, change: (log: LogView) => LogView): ConsoleState =>
  changePage(state, (page) => ({ ...page, log: change(page.log) }));

/** What moving about needs to know of the log on the screen. */
export const logRange = (state: ConsoleState): LogRange => ({ ...state.data.log, height: logHeight(state) });

/** What moving about needs of a log, and how many of its lines the screen has room for. */
export type LogRange = Pick<LogData, 'first' | 'end' | 'last'> & { height: number };

/**
 * Moves the line that keys act on: one line within the screen as long as it can, more together with the screen. At
 * its end the log follows again.
 */
export function scrollLog(view: LogView, by: number, log: LogRange): LogView {
  const cursor = (view.cursor ?? log.end - 1) + by;
  if (by > 0 && cursor >= log.end - 1) return followLog(view);
  const top = topOf(view, log) + (Math.abs(by) > 1 ? by : 0);
  return keepInside(pauseAt(view, cursor, top, log), log);
}

/** Shows the end and stays there. */
export const followLog = (view: LogView): LogView => ({ ...view, cursor: undefined, seen: 0 });

/** Stops following, or follows again. */
export const toggleFollow = (view: LogView, log: LogRange): LogView =>
  view.cursor === undefined ? keepInside(pauseAt(view, log.end - 1, topOf(view, log), log), log) : followLog(view);

/** Goes to a line. One that is out of sight comes a third down the screen. */
export function jumpToLine(view: LogView, place: number, log: LogRange): LogView {
  const top = topOf(view, log);
  const inSight = place >= top && place < top + log.height;
  return keepInside(pauseAt(view, place, inSight ? top : place - Math.floor(log.height / 3), log), log);
}

/** Shows other levels; the line with this number, or what is nearest to it, stays where the keys act. */
export function turnFilter(view: LogView, number: number | undefined): LogView {
  const turned = { ...view, filter: nextFilter[view.filter], anchor: number };
  if (number === undefined) return turned;
  // Its place is 0 in a list that begins there, and its number in the list of all lines.
  const cursor = turned.filter === 'all' ? number : 0;
  return { ...turned, cursor, top: cursor + (view.top - (view.cursor ?? view.top)) };
}

/** Marks a line by its number, or unmarks it. */
export function toggleMark(view: LogView, number: number): LogView {
  const marks = new Set(view.marks);
  if (!marks.delete(number)) marks.add(number);
  return { ...view, marks };
}

/** Place of the first line to show. */
export const topOf = (view: LogView, { first, end, height }: LogRange): number =>
  Math.max(first, Math.min(view.cursor === undefined ? end : view.top, end - height));

/** Keeps the line that keys act on within the log, and on the screen. */
export function keepInside(view: LogView, log: LogRange): LogView {
  if (view.cursor === undefined || log.end <= log.first) return view;
  const cursor = Math.max(log.first, Math.min(view.cursor, log.end - 1));
  const near = Math.max(cursor - log.height + 1, Math.min(view.top, cursor));
  const top = topOf({ ...view, cursor, top: near }, log);
  return cursor === view.cursor && top === view.top ? view : { ...view, cursor, top };
}

const pauseAt = (view: LogView, cursor: number, top: number, { last }: LogRange): LogView => ({
  ...view,
  cursor,
  top,
  seen: view.cursor === undefined ? last : view.seen,
});
