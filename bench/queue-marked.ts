// Queueing many marked sites from a console that is the worker too, compared with as many bare SQLite commits.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openInventory } from '../src/db/inventory.ts';
import { rootPaths } from '../src/provision/model/paths.ts';
import { paceFrames } from '../src/screens/pace.ts';
import { screenLines } from '../src/screens/screen-lines.ts';
import { makeTheme } from '../src/screens/theme.ts';
import { paintLines } from '../src/screens/widgets/lines.ts';
import { makeRegistry } from '../src/state/commands/registry.ts';
import type { ConsoleStore } from '../src/state/model/store.ts';
import { standardPages } from '../src/state/pages/kinds/standard.ts';
import { createConsole } from '../src/state/store/console.ts';
import { startWorker } from '../src/worker/worker.ts';
import { ms, printFigure } from './figures.ts';
import { programThatHangs } from './hanging-task.ts';
import { seedSites } from './seed-sites.ts';
import { benchDeps } from './worker-deps.ts';

/** Prints how long queueing `count` marked sites takes, and the longest time without a frame meanwhile. */
export async function printMarked(count: number): Promise<void> {
  const program = programThatHangs('site.verify');
  const folder = mkdtempSync(join(tmpdir(), 'aegir-bench-'));
  seedSites(folder, count);
  const paths = rootPaths(folder);
  const inventory = openInventory(paths.inventory);
  const worker = startWorker(benchDeps(inventory, paths, program), { concurrency: 2 });
  const queue = { inventory, paths, actor: { actor: 'bench', sudoUser: null, sshClient: null }, readOnly: false };
  const store = createConsole({
    registry: makeRegistry(standardPages),
    queue,
    paths,
    version: '0',
    loadProgram: async () => program,
    running: () => worker.running,
  });
  const drawn = drawFrames(store);
  store.resize(200, 50);
  store.start({ stepAside: (work) => work(), stopProcess: async () => {}, copy: () => true });
  while (!store.getState().catalogue) await rest(5);
  const queued = inventory.prepare<[], number>('SELECT count(*) FROM task').pluck();
  const asked = held(
    () => store.press('a'),
    () => store.press('v'),
  );
  drawn.length = 0;
  const began = performance.now();
  drawn.push(began);
  store.press('right');
  store.press('enter');
  while ((queued.get() ?? 0) < count) await rest(1);
  const took = performance.now() - began;
  await rest(200);
  // Then a person moves the cursor again.
  store.press('j');
  await rest(50);
  const gaps = drawn
    .slice(1)
    .map((at, place) => at - (drawn[place] ?? at))
    .filter((_, place) => (drawn[place] ?? 0) < began + took);
  const peer = bareRows(folder, count);
  const goal = count <= 1000 ? '≤ 2 s' : '';
  printFigure(`${count} marked sites: question`, ms(asked), '', '', '');
  printFigure(`${count} marked sites: queued`, ms(took), `${ms(peer)} (bare commits)`, (took / peer).toFixed(2), goal);
  printFigure('longest without a frame meanwhile', ms(Math.max(...gaps)), '', '', '≤ 100 ms');
  store.stop();
  await worker.stop();
  inventory.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Draws the state like the console, and records when each frame was finished. */
function drawFrames(store: ConsoleStore): number[] {
  const drawn: number[] = [];
  const theme = makeTheme({ tones: 'dark', ascii: false, links: false });
  paceFrames(store, 30).subscribe(() => {
    const state = store.getState();
    paintLines(screenLines(store, state, theme), state.columns, state.rows, theme);
    drawn.push(performance.now());
  });
  return drawn;
}

/** The longest time for which one of some key presses blocks the process. */
function held(...keys: (() => void)[]): number {
  const took = keys.map((press) => {
    const began = performance.now();
    press();
    return performance.now() - began;
  });
  return Math.max(...took);
}

const rest = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** Inserts rows with one commit each, with the same durability. */
function bareRows(folder: string, count: number): number {
  const db = new Database(join(folder, 'bare.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT) STRICT');
  const insert = db.prepare('INSERT INTO note (text) VALUES (?)');
  const began = performance.now();
  for (let number = 0; number < count; number += 1) insert.run('a row about as long as one of the queue');
  const took = performance.now() - began;
  db.close();
  return took;
}
