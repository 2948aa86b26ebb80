import { listTasks, type TaskRow } from '../db/tasks.ts';
import { drawsOver } from '../screens/draws-over.ts';
import { watchInventory } from '../state/store/live.ts';
import { endSignal } from './end-signal.ts';
import { formatTable } from './output.ts';
import type { Session } from './session.ts';
import { taskShape } from './shapes.ts';
import { taskCells, taskHeadings } from './tasks.ts';
import { forTerminal } from './terminal-text.ts';

/** Escape sequences (xterm's ctlseqs): alternate screen without cursor, and back; cursor home; erase line and below. */
const [ENTER_SCREEN, LEAVE_SCREEN] = ['\u001b[?1049h\u001b[?25l', '\u001b[H\u001b[J\u001b[?25h\u001b[?1049l'];
const [HOME, LINE_END, BELOW] = ['\u001b[H', '\u001b[K', '\u001b[J'];
const MOST = 20;

/**
 * `tasks --watch`: the newest tasks, until ctrl-c. A terminal that can overwrite lines shows one list, which is redrawn
 * on each change; elsewhere the list is printed again; with `--json`, one line per new or changed task.
 */
export async function watchTasks(session: Session): Promise<number> {
  const { inventory, paths } = session.root();
  const { stdout } = process;
  const onScreen = stdout.isTTY && drawsOver() && !session.out.json;
  const show = session.out.json ? eachChange(session) : eachList(session, onScreen);
  const ended = endSignal();
  if (onScreen) stdout.write(ENTER_SCREEN);
  show();
  // Only a redrawn list shows the growing duration of a running task.
  const live = watchInventory(inventory, paths.bell, { changed: show, ticked: onScreen ? show : () => {} });
  const signal = await ended;
  live.stop();
  if (onScreen) stdout.write(LEAVE_SCREEN);
  return signal === 'SIGINT' ? 130 : 0;
}

const newest = (session: Session, limit = MOST): TaskRow[] => listTasks(session.root().inventory, { limit });

function eachChange(session: Session): () => void {
  const printed = new Map<number, string>();
  return () => {
    for (const task of newest(session).reverse()) {
      const line = JSON.stringify(taskShape(task));
      if (printed.get(task.id) !== line) process.stdout.write(`${line}\n`);
      printed.set(task.id, line);
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
