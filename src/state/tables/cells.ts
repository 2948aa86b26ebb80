import type { StepState } from '../../db/journal.ts';
import type { TaskLine } from '../../db/lists.ts';
import type { TaskProgress } from '../../db/tasks.ts';
import type { Cell, GlyphName, Tone } from '../model/parts.ts';

/** How a state is shown beside its name. */
type Sign = readonly [GlyphName, Tone];

const signs: Record<string, Sign> = {
  enabled: ['on', 'good'],
  ready: ['on', 'good'],
  running: ['running', 'busy'],
  disabled: ['off', 'dim'],
  stopped: ['failed', 'bad'],
  absent: ['failed', 'bad'],
  installing: ['busy', 'busy'],
  adding: ['busy', 'busy'],
  deleting: ['busy', 'busy'],
  queued: ['waiting', 'dim'],
  interrupted: ['warning', 'warn'],
  succeeded: ['done', 'good'],
  warning: ['warning', 'warn'],
  failed: ['failed', 'bad'],
  cancelled: ['off', 'dim'],
  waiting: ['waiting', 'dim'],
  done: ['done', 'good'],
  notNeeded: ['unneeded', 'dim'],
  undoing: ['undone', 'warn'],
  undone: ['undone', 'warn'],
};

/** Glyph and tone of a state of an object, task or step. */
export const signOf = (state: string): { glyph: GlyphName; tone: Tone } => {
  const [glyph, tone] = signs[state] ?? ['waiting', 'plain'];
  return { glyph, tone };
};

/** The state of a step as it is shown. */
export const stepStateText = (state: StepState): string => (state === 'notNeeded' ? 'not needed' : state);

/** A state as a cell. */
export const stateCell = (state: string, text = state): Cell => ({ text, ...signOf(state) });

/** How a service is, as a cell. */
export const serviceCell = (state: string, text = state): Cell =>
  state === 'running' ? { text, glyph: 'on', tone: 'good' } : stateCell(state, text);

/** "verify" of "site.verify". */
export const verbOf = (type: string): string => type.slice(type.indexOf('.') + 1);

/** A task in short, as a cell: "verify 42%", "install failed". */
export function taskCell(task: TaskLine): Cell {
  const cell = stateCell(task.state, verbOf(task.type));
  const percent = task.state === 'running' ? percentOf(task.progress) : undefined;
  return percent === undefined ? cell : { ...cell, text: `${cell.text} ${percent}%` };
}

/** A progress in whole per cent; undefined where its total is not known. */
export function percentOf(progress: TaskProgress | null): number | undefined {
  if (!progress || progress.total <= 0) return undefined;
  return Math.min(100, Math.floor((progress.done / progress.total) * 100));
}

/** The cell of a state, with "locked" where the object is locked. */
export const withLock = (locked: boolean, cell: Cell): Cell =>
  locked ? { ...cell, text: `${cell.text}, locked` } : cell;
