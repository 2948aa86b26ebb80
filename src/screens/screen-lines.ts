import { type ConsoleState, currentDialog } from '../state/model/state.ts';
import type { ConsoleStore } from '../state/model/store.ts';
import { currentBody, type PageBody } from '../state/pages/definition.ts';
import { SMALLEST } from '../state/pages/layout.ts';
import { footLines, headLines } from './frame.ts';
import { dialogLines } from './pages/dialog-page.ts';
import { homePageLines } from './pages/home-page.ts';
import { logPageLines } from './pages/log-page.ts';
import { tabsPageLines } from './pages/tabs-page.ts';
import { taskPageLines } from './pages/task-page.ts';
import { tourLines } from './pages/tour-page.ts';
import type { Theme } from './theme.ts';
import { type Line, line } from './widgets/lines.ts';
import { tableLines } from './widgets/table.ts';

/** The whole screen as lines. */
export function screenLines(store: ConsoleStore, state: ConsoleState, theme: Theme): Line[] {
  const { columns, rows } = state;
  if (columns < SMALLEST.columns || rows < SMALLEST.rows) return tooSmall(columns, rows);
  const head = headLines(state, theme);
  const foot = footLines(store, state, theme);
  const height = rows - head.length - foot.length;
  const body = bodyLines(store, state, theme).slice(0, height);
  const fill: Line[] = Array.from({ length: Math.max(0, height - body.length) }, () => []);
  return [...head, ...body, ...fill, ...foot];
}

function bodyLines(store: ConsoleStore, state: ConsoleState, theme: Theme): Line[] {
  const dialog = currentDialog(state);
  const inBody = dialog && dialogLines(store, state, dialog, theme);
  if (inBody) return inBody;
  const page = bodies[currentBody(state)](state, theme);
  return dialog?.kind === 'tour' ? tourLines(page, state, dialog, theme) : page;
}

/** How each kind of body is drawn. A page with a list or tabs needs no drawing of its own. */
const bodies: Record<PageBody, (state: ConsoleState, theme: Theme) => Line[]> = {
  list: tableLines,
  tabs: tabsPageLines,
  home: homePageLines,
  task: taskPageLines,
  log: logPageLines,
};

const tooSmall = (columns: number, rows: number): Line[] => [
  line('The window is too small.', 'warn'),
  line(`Needed: ${SMALLEST.columns} x ${SMALLEST.rows}`),
  line(`There is: ${columns} x ${rows}`),
];
