import type { Inventory } from '../../db/inventory.ts';
import {
  countObjects,
  countWaiting,
  lastTaskLines,
  lastTaskStates,
  runningTaskLines,
  tasksRevision,
} from '../../db/lists.ts';
import { listServers } from '../../db/servers.ts';
import type { ObjectKind } from '../../db/tasks.ts';
import type { ListedKind } from '../model/command.ts';
import type { Data } from '../model/data.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { currentDefinition, currentList, type PageSource } from '../pages/definition.ts';
import { shownList } from '../pages/list.ts';
import { asksForTasks } from '../tables/site-table.ts';

/** Reads what the frame and the page on the screen show. */
export function readData(from: Omit<PageSource, 'catalogue'>, state: ConsoleState): Data {
  const { db } = from;
  const { data: old, catalogue } = state;
  return {
    ...old,
    generation: old.generation + 1,
    counts: countObjects(db),
    servers: listServers(db),
    running: runningTaskLines(db),
    waiting: countWaiting(db),
    ...currentDefinition(state).read?.({ ...from, catalogue }, currentPage(state), old),
    siteTasks: wantsTasks(state) ? readSiteTasks(db, old) : old.siteTasks,
  };
}

/** The newest tasks of all sites: read again when a task was queued, has begun or ended, not for its progress. */
function readSiteTasks(db: Inventory, old: Data): Data['siteTasks'] {
  const revision = tasksRevision(db);
  return revision === old.siteTasks.revision ? old.siteTasks : { revision, states: lastTaskStates(db, 'site') };
}

/** True while the list on the screen is filtered by the newest tasks of sites. */
export const wantsTasks = (state: ConsoleState): boolean =>
  currentList(state)?.filtersByTask === true && asksForTasks(currentPage(state).list.filter);

/** The newest task of each object whose row is on the screen. */
export function readLastTasks(db: Inventory, state: ConsoleState): Data['lastTasks'] {
  const kind = currentList(state)?.rowKind;
  const list = shownList(state);
  if (!isObject(kind) || !list) return noTasks;
  const { top } = currentPage(state).list;
  const names = list.rows.slice(top, top + list.height).map(list.table.id);
  return lastTaskLines(db, kind, names);
}

const noTasks: Data['lastTasks'] = new Map();

/** True for what tasks are done to. */
const isObject = (kind: ListedKind | undefined): kind is ObjectKind =>
  kind === 'site' || kind === 'platform' || kind === 'server';
