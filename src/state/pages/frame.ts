import type { Cell } from '../model/parts.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { serviceCell, signOf, verbOf } from '../tables/cells.ts';
import { timeOf } from '../tables/tables.ts';
import { formatClock, formatProgress } from '../text/format.ts';
import { currentDefinition, currentList } from './definition.ts';
import { runningShown } from './layout.ts';
import { shownList } from './list.ts';

/** How many tasks run and wait. */
export const queueCounts = ({ data }: ConsoleState): { running: number; waiting: number } => ({
  running: data.running.length,
  waiting: data.waiting,
});

/** The services of this machine as cells, with their states. */
export const serviceCells = (state: ConsoleState): Cell[] => [
  ...state.services.map(({ name, state: now }) => serviceCell(now, name)),
  ...workerCells(state),
];

/** The worker, if something is wrong with it. */
const workerCells = ({ worker }: ConsoleState): Cell[] =>
  worker ? [{ text: 'worker', ...signOf(worker.running ? 'warning' : 'stopped') }] : [];

/** The same for a narrow screen: those that do not run, else one cell for all. */
export function serviceSummary(state: ConsoleState): Cell[] {
  const down = state.services.filter(({ state: now }) => now !== 'running');
  const wrong = [...down.map(({ name, state: now }) => serviceCell(now, name)), ...workerCells(state)];
  if (wrong.length > 0) return wrong;
  return state.services.length > 0 ? [serviceCell('running', 'services')] : [];
}

/** The line above the page: the way to it, such as server, platform, site. */
export function breadcrumb(state: ConsoleState): readonly string[] {
  const page = currentPage(state);
  const { title, breadcrumb: special } = currentDefinition(state);
  return special?.(state, page) ?? (page.name === '' ? [title] : [title, page.name]);
}

/** How many lines the list holds, and how many of them the filter shows. */
export function listCount(state: ConsoleState): string {
  const list = shownList(state);
  if (!list) return '';
  const { length: read } = list.table;
  const { total, limit } = currentList(state) ?? {};
  // On the page of an object the tab says what is listed; a bare number beside its name would not.
  if (currentPage(state).name !== '' && list.rows.length === read) return '';
  const length = Math.max(read, total?.(state) ?? 0);
  const newest = limit !== undefined && length >= limit ? ' newest' : '';
  return list.rows.length === read ? `${length}${newest}` : `${list.rows.length} of ${length}${newest}`;
}

/** A line above the keys about something that is running. */
export interface RunningLine {
  what: string;
  step: string;
  progress: string;
  clock: string;
}

/** The lines above the keys. */
export const runningLines = (state: ConsoleState): RunningLine[] =>
  runningShown(state).map((task) => {
    if ('what' in task) {
      const clock = formatClock(state.now - task.since);
      return { what: task.what, step: '', progress: formatProgress(task), clock };
    }
    const { progress } = task;
    return {
      what: `${verbOf(task.type)} ${task.objectName}`,
      step: task.cancelRequested ? 'being cancelled' : (progress?.step ?? ''),
      progress: progress ? formatProgress(progress) : '',
      clock: formatClock(timeOf(task, state.now) ?? 0),
    };
  });
