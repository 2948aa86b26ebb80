import { localDeps } from '../worker/local-deps.ts';
import { startWorker } from '../worker/worker.ts';
import { takeLittleMemory } from './little-memory.ts';
import { forJournal, tellOutcomes } from './outcome-lines.ts';
import type { Session } from './session.ts';
import { workerRuns } from './task-commands.ts';

/**
 * Runs the queue in the foreground until it is told to end: SIGTERM or ctrl-c lets what runs end, a second one
 * stops it (it is undone). When another process is the worker, it waits to take over.
 */
export async function runWorker(session: Session): Promise<number> {
  const root = session.root();
  if (workerRuns(session)) session.out.say('Another process is the worker; waiting to take over.');
  takeLittleMemory();
  const outcomes = tellOutcomes(root.inventory, (line, task) => session.out.say(forJournal(line, task)));
  const worker = startWorker(localDeps(root), { schedules: true, onChange: announce });
  let active = false;
  function announce(): void {
    outcomes();
    // The first call comes while the worker is being made.
    queueMicrotask(() => {
      if (!active && worker.active) session.out.say(`worker of ${root.paths.root} runs as process ${process.pid}`);
      active = worker.active;
    });
  }
  await new Promise<void>((resolve) => {
    let asked = 0;
    const end = (): void => {
      asked += 1;
      session.out.say(asked === 1 ? `ending; ${worker.running} tasks still run` : 'stopping the tasks that run');
      void (asked === 1 ? worker.drain() : worker.stop()).then(resolve);
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
    // A lost line ends no task: what runs ends, then the worker does.
    process.on('SIGHUP', () => {
      if (asked === 0) end();
    });
  });
  return 0;
}
