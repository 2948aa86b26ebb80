import { localDeps } from '../worker/local-deps.ts';
import { startWorker } from '../worker/worker.ts';
import { holderText, KEEPS_OUT, workerHolder } from '../worker/worker-holder.ts';
import { takeLittleMemory } from './little-memory.ts';
import { forJournal, tellOutcome } from './outcome-lines.ts';
import type { Session } from './session.ts';

/** Within 90 seconds of SIGTERM the process is gone, whatever hangs: the next worker recovers as after a kill. */
const GONE_MS = 80_000;

/**
 * Runs the queue in the foreground until it is told to end. SIGTERM lets the steps at hand end and leaves their tasks to
 * the next worker; ctrl-c and a lost line let the tasks end. A second signal cancels them: they are undone. When
 * another process is the worker, it waits to take over.
 */
export async function runWorker(session: Session): Promise<number> {
  const root = session.root();
  const holder = workerHolder(root.paths);
  if (holder)
    session.out.say(`${holderText(holder)} ${holder.ours ? 'is the worker' : KEEPS_OUT}; waiting to take over.`);
  takeLittleMemory();
  const tell = (id: number): void =>
    tellOutcome(root.inventory, id, (line, task) => session.out.say(forJournal(line, task)));
  const worker = startWorker(localDeps(root), { schedules: true, onChange: announce, onTask: tell });
  let active = false;
  function announce(): void {
    // The first call comes while the worker is being made.
    queueMicrotask(() => {
      if (!active && worker.active) session.out.say(`worker of ${root.paths.root} runs as process ${process.pid}`);
      active = worker.active;
    });
  }
  await new Promise<void>((resolve) => {
    let asked = 0;
    const end = (words: string, how: 'halt' | 'drain'): void => {
      asked += 1;
      session.out.say(asked === 1 ? words : 'undoing the tasks that run');
      void (asked === 1 ? worker[how]() : worker.stop()).then(resolve);
    };
    process.on('SIGTERM', () => {
      if (asked === 0) setTimeout(() => process.exit(1), GONE_MS).unref();
      end(`ending; tasks that the next worker takes up: ${worker.running}`, 'halt');
    });
    process.on('SIGINT', () => end(`ending; tasks that still run: ${worker.running}`, 'drain'));
    // A lost line ends no task: what runs ends, then the worker does.
    process.on('SIGHUP', () => {
      if (asked === 0) end(`ending; tasks that still run: ${worker.running}`, 'drain');
    });
  });
  return 0;
}
