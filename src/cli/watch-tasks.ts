import { listTasks, type TaskRow } from '../db/tasks.ts';
import { drawsOver } from '../screens/draws-over.ts';
import { watchInventory } from '../state/store/live.ts';
import { formatTable } from './output.ts';
import type { Session } from './session.ts';
import { taskShape } from './shapes.ts';
import { shown as forTerminal } from './shown.ts';
import { taskCells, taskHeadings } from './tasks.ts';
import { untilEnded } from './until-ended.ts';

/** A screen of our own and back (xterm's ctlseqs, 1049), without a cursor; to the top left; erase to the end. */
const [OWN_SCREEN, BACK] = ['\u001b[?1049h\u001b[?25l', '\u001b[H\u001b[J\u001b[?25h\u001b[?1049l'];
const [HOME, LINE_END, BELOW] = ['\u001b[H', '\u001b[K', '\u001b[J'];
const MOST = 20;

/**
 * `tasks --watch`: the newest tasks, until ctrl-c: on a terminal, unless that is a dumb one, drawn in place when something has changed, else the
 * list again; with `--json` a line for each task that is new or has changed.
 */
export async function watchTasks(session: Session): Promise<number> {
  const { inventory, paths } = session.root();
  const { stdout } = process;
  const onScreen = stdout.isTTY && drawsOver() && !session.out.json;
  const show = session.out.json ? eachChange(session) : eachList(session, onScreen);
  const ended = untilEnded();
  if (onScreen) stdout.write(OWN_SCREEN);
  show();
  // A running task has a clock, which only a screen shows.
  const live = watchInventory(inventory, paths.bell, { changed: show, ticked: onScreen ? show : () => {} });
  const signal = await ended;
  live.stop();
  if (onScreen) stdout.write(BACK);
  return signal === 'SIGINT' ? 130 : 0;
}

const newest = (session: Session, limit = MOST): TaskRow[] => listTasks(session.root().inventory, { limit });

function eachChange(session: Session): () => void {
  const told = new Map<number, string>();
  return () => {
    for (const task of newest(session).reverse()) {
      const line = JSON.stringify(taskShape(task));
      if (told.get(task.id) !== line) process.stdout.write(`${line}\n`);
      told.set(task.id, line);
    }
  };
}

function eachList(session: Session, onScreen: boolean): () => void {
  const { stdout } = process;
  let shown = '';
  return () => {
    const rows = newest(session, onScreen ? Math.max(1, stdout.rows - 2) : MOST).map(taskCells);
    const lines = rows.length > 0 ? formatTable(taskHeadings, rows, stdout.columns ?? 80) : ['No tasks yet.'];
    const text = onScreen
      ? `${HOME}${lines.map((line) => `${line}${LINE_END}\n`).join('')}${BELOW}`
      : `${lines.join('\n')}\n`;
    if (text !== shown) stdout.write(forTerminal(text));
    shown = text;
  };
}
