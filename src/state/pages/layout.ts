import type { TaskLine } from '../../db/lists.ts';
import { hintOf } from '../../worker/task-hint.ts';
import type { Tone } from '../model/parts.ts';
import { type ConsoleState, currentPage, type Going, type WorkerHealth } from '../model/state.ts';
import { wrapText } from '../text/format.ts';
import { currentBody, currentDefinition } from './definition.ts';

/** Smallest screen that the console draws on. */
export const SMALLEST = { columns: 60, rows: 15 };

/** Lines above the body: machine, title. Below it: rule, keys. */
const HEAD = 2;
const FOOT = 2;
const MOST_RUNNING = 3;

/** How many lines of facts a page has above its tabs. */
export const FACT_ROWS = 4;

/**
 * What has a line above the keys: work on many objects, then running tasks, without the one that the page is about.
 */
export function runningShown(state: ConsoleState): readonly (Going | TaskLine)[] {
  const shown = currentDefinition(state).about === 'task' ? Number(currentPage(state).name) : undefined;
  return [...state.going, ...state.data.running.filter(({ id }) => id !== shown)].slice(
    0,
    state.rows < 20 ? 1 : MOST_RUNNING,
  );
}

/** Lines of the body. */
export const bodyHeight = (state: ConsoleState): number =>
  Math.max(1, state.rows - HEAD - FOOT - runningShown(state).length);

/** How many rows of the list fit: the body without column titles, facts and tabs. */
export function listHeight(state: ConsoleState): number {
  const head = currentBody(state) === 'tabs' ? FACT_ROWS + 1 : 0;
  return Math.max(1, bodyHeight(state) - head - 1);
}

/** How many lines of the body of a task page each part has. */
export interface TaskLayout {
  /** Error, hint and results, wrapped. */
  message: { text: string; tone: Tone }[];
  /** Lines for steps. */
  steps: number;
  /** Lines for the log, without its title. */
  log: number;
}

/** Divides the body of a task page among message, steps and log. */
export function taskLayout(state: ConsoleState): TaskLayout {
  const height = bodyHeight(state);
  const { whole } = currentPage(state).log;
  if (whole) return { message: [], steps: 0, log: height - 1 };
  const message = taskMessage(state).slice(0, 5);
  const rest = height - 2 - message.length;
  const steps = Math.min(state.data.steps.length, Math.max(2, Math.floor(rest * 0.6)));
  return { message, steps, log: Math.max(1, rest - steps) };
}

/** Lines of the log on the page, without its title. */
export const logHeight = (state: ConsoleState): number =>
  currentBody(state) === 'task' ? taskLayout(state).log : Math.max(1, bodyHeight(state) - 1);

/** Why a queued task does not start: no worker runs. */
export const workerMissing = ({ data: { task }, worker }: ConsoleState): WorkerHealth | undefined =>
  task && task.endedAt === null && worker && !worker.running ? worker : undefined;

function taskMessage(state: ConsoleState): TaskLayout['message'] {
  const { task } = state.data;
  const { columns } = state;
  if (!task) return [];
  const lines: TaskLayout['message'] = [];
  const add = (text: string, tone: Tone): number =>
    lines.push(...wrapText(text, columns - 4).map((part) => ({ text: part, tone })));
  if (task.error) add(`${task.error.code} ${task.error.message}`, task.state === 'cancelled' ? 'dim' : 'bad');
  const hint = hintOf(task);
  if (hint) add(hint, 'plain');
  const worker = workerMissing(state);
  if (worker) {
    add(worker.message, 'bad');
    add(worker.hint, 'plain');
  }
  if (task.unfinished) add(`Not finished: ${task.unfinished}. Press X to try again.`, 'bad');
  for (const [name, value] of Object.entries(task.result)) {
    if (typeof value === 'string' && value !== '') add(`${name}: ${value}`, 'accent');
  }
  return lines;
}
