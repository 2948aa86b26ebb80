import { basename } from 'node:path';
import { MOST_TASKS } from '../model/data.ts';
import { fileOfPage, logOfPage } from '../model/log.ts';
import type { Cell } from '../model/parts.ts';
import { type ConsoleState, currentPage, type Page } from '../model/state.ts';
import { serviceCell, signOf, verbOf } from '../tables/cells.ts';
import { comparedPlatforms } from '../tables/compare-table.ts';
import { timeOf } from '../tables/tables.ts';
import { formatClock, formatProgress } from '../text/format.ts';
import { runningShown } from './layout.ts';
import { shownList } from './list.ts';

/** How many tasks run and wait. */
export const queueCounts = ({ data }: ConsoleState): { running: number; waiting: number } => ({
  running: data.running.length,
  waiting: data.waiting,
});

/** The services of this machine as cells: name and state. */
export const serviceCells = (state: ConsoleState): Cell[] => [
  ...state.services.map(({ name, state: now }) => serviceCell(now, name)),
  ...workerCells(state),
];

/** The worker, where something is wrong with it. */
const workerCells = ({ worker }: ConsoleState): Cell[] =>
  worker ? [{ text: 'worker', ...signOf(worker.running ? 'warning' : 'stopped') }] : [];

/** The same where there is little room: those that do not run, else that all do. */
export function serviceSummary(state: ConsoleState): Cell[] {
  const down = state.services.filter(({ state: now }) => now !== 'running');
  const wrong = [...down.map(({ name, state: now }) => serviceCell(now, name)), ...workerCells(state)];
  if (wrong.length > 0) return wrong;
  return state.services.length > 0 ? [serviceCell('running', 'services')] : [];
}

/** The way to the page on the screen: server, platform, site. */
export function breadcrumb(state: ConsoleState): string[] {
  const page = currentPage(state);
  const { site, platform, task } = state.data;
  if (page.kind === 'site' && site?.uri === page.name) return [site.server, site.platform, site.uri];
  const log = page.kind === 'log' ? logOfPage(page.name) : undefined;
  if (log) return site?.uri === log.uri ? [site.platform, site.uri, log.file] : [log.uri, log.file];
  if (page.kind === 'file') {
    const { uri, path } = fileOfPage(page.name);
    return [uri, basename(path)];
  }
  if (page.kind === 'platform' && platform?.name === page.name) return [platform.server, platform.name];
  if (page.kind === 'task') {
    return ['Tasks', task && String(task.id) === page.name ? `${verbOf(task.type)} ${task.objectName}` : page.name];
  }
  if (page.kind === 'batch') return ['Tasks', `batch ${page.name.slice(0, 8)}`];
  if (page.kind === 'compare') {
    const { from, to } = comparedPlatforms(page.name);
    return ['Platforms', from, `to ${to}`];
  }
  return page.name === '' ? [titles[page.kind]] : [titles[page.kind], page.name];
}

/** True for the name of a kind of page. */
export const isPageKind = (kind: string): kind is Page['kind'] => Object.hasOwn(titles, kind);

const titles: Record<Page['kind'], string> = {
  home: 'Home',
  sites: 'Sites',
  platforms: 'Platforms',
  servers: 'Servers',
  tasks: 'Tasks',
  backups: 'Backups',
  clients: 'Clients',
  backup: 'Backups',
  compare: 'Platforms',
  batch: 'Tasks',
  site: 'Sites',
  platform: 'Platforms',
  server: 'Servers',
  task: 'Tasks',
  log: 'Sites',
  file: 'Sites',
};

/** How many lines the list holds, and how many of them the filter shows. */
export function listCount(state: ConsoleState): string {
  const list = shownList(state);
  if (!list) return '';
  const { kind } = currentPage(state);
  // In the first frame the list is not whole yet.
  const length = kind === 'sites' ? Math.max(list.table.length, state.data.counts.sites) : list.table.length;
  // On the page of an object the tab says what is listed; a bare number beside its name would not.
  if (currentPage(state).name !== '' && list.rows.length === list.table.length) return '';
  const most = kind === 'tasks' && length >= MOST_TASKS ? ' newest' : '';
  return list.rows.length === list.table.length ? `${length}${most}` : `${list.rows.length} of ${length}${most}`;
}

/** A line about what goes on. */
export interface RunningLine {
  what: string;
  step: string;
  progress: string;
  clock: string;
}

/** What has a line above the keys. */
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
