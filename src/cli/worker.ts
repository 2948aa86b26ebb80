import { newerBuild, thisBuild } from '../provision/host/local/build.ts';
import { localDeps } from '../worker/local-deps.ts';
import { startWorker } from '../worker/worker.ts';
import { BLOCKS_WORKERS, holderText, workerHolder } from '../worker/worker-holder.ts';
import { goOnAsNew } from './go-on.ts';
import { takeLittleMemory } from './little-memory.ts';
import { forJournal, tellOutcome } from './outcome-lines.ts';
import type { Session } from './session.ts';

/** Within 90 seconds of SIGTERM the process is gone, whatever hangs: the next worker recovers as after a kill. */
const GONE_MS = 80_000;
/** How often it is looked whether the program on disk is another one. */
const LOOK_MS = 1000;

/**
 * Runs the queue in the foreground until it is told to end. SIGTERM lets the steps at hand end and leaves their tasks to
 * the next worker; ctrl-c and a lost line let the tasks end. A second signal cancels them: they are undone. When
 * another process is the worker, it waits to take over. When the program on disk is another one than this, it takes no
 * new task, lets those that run end, and goes on as that program in the same process.
 */
export async function runWorker(session: Session): Promise<number> {
  const root = session.root();
  const holder = workerHolder(root.paths);
  if (holder)
    session.out.say(`${holderText(holder)} ${holder.ours ? 'is the worker' : BLOCKS_WORKERS}; waiting to take over.`);
  takeLittleMemory();
  const tell = (id: number): void =>
    tellOutcome(root.inventory, id, (line, task) => session.out.say(forJournal(line, task)));
  const worker = startWorker(localDeps(root), { schedules: true, onChange: announce, onTask: tell });
  let active = false;
  function announce(): void {
    // The first call comes while the worker is being made.
    queueMicrotask(() => {
      if (!active && worker.active)
        session.out.say(
          `worker of ${root.paths.root} runs as process ${process.pid} (${thisBuild ?? 'from its sources'})`,
        );
      active = worker.active;
    });
  }
  const ended = await new Promise<'asked' | 'outdated'>((resolve) => {
    let asked = 0;
    const end = (words: string, how: 'halt' | 'drain'): void => {
      asked += 1;
      session.out.say(asked === 1 ? words : 'undoing the tasks that run');
      void (asked === 1 ? worker[how]() : worker.stop()).then(() => resolve('asked'));
    };
    const look = setInterval(() => {
      const build = newerBuild();
      if (build === undefined || asked > 0) return;
      clearInterval(look);
      session.out.say(`the program was updated to ${build}; tasks that still run: ${worker.running}`);
      void worker.drain().then(() => resolve(asked > 0 ? 'asked' : 'outdated'));
    }, LOOK_MS).unref();
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
  if (ended === 'outdated') {
    session.close();
    goOnAsNew(process.argv.slice(2));
    // Its unit starts it again.
    session.out.say('ending; the program that takes its place could not be started from here');
  }
  return 0;
}
