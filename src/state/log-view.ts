import type { LogView } from './model.ts';

/** Moves the top of a log that has `count` lines on a screen of `height`. At its end it follows again. */
export function scrollLog(view: LogView, by: number, count: number, height: number): LogView {
  const end = Math.max(0, count - height);
  const top = (view.top ?? end) + by;
  if (top >= end && by > 0) return followLog(view);
  return pauseAt(view, Math.max(0, Math.min(top, end)), count);
}

/** Shows the end and stays there. */
export const followLog = (view: LogView): LogView => ({ ...view, top: undefined, seen: 0 });

/** Stops following, or follows again. */
export const toggleFollow = (view: LogView, count: number, height: number): LogView =>
  view.top === undefined ? pauseAt(view, Math.max(0, count - height), count) : followLog(view);

/** Shows one line a third down the screen, as the place that was jumped to. */
export function jumpToLine(view: LogView, line: number, count: number, height: number): LogView {
  const end = Math.max(0, count - height);
  const top = Math.max(0, Math.min(line - Math.floor(height / 3), end));
  return { ...pauseAt(view, top, count), hit: line };
}

/** How many lines came since following stopped. */
export const newLines = (view: LogView, count: number): number =>
  view.top === undefined ? 0 : Math.max(0, count - view.seen);

/** First line to read for a screen of `height`. */
export const firstLine = (view: LogView, count: number, height: number): number =>
  Math.max(0, Math.min(view.top ?? count - height, count - 1));

const pauseAt = (view: LogView, top: number, count: number): LogView => ({
  ...view,
  top,
  seen: view.top === undefined ? count : view.seen,
});
