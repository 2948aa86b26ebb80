import { newerBuild, thisBuild } from '../provision/host/local/build.ts';
import { localDeps } from '../worker/local-deps.ts';
import { startWorker } from '../worker/worker.ts';
import { BLOCKS_WORKERS, holderText, workerHolder } from '../worker/worker-holder.ts';
import { forJournal, reportOutcome } from './outcome-lines.ts';
import { restartAsNewBuild } from './restart.ts';
import { saveMemory } from './save-memory.ts';
import type { Session } from './session.ts';

/** After SIGTERM the process exits within 90 seconds even if a step hangs: the next worker recovers as after a kill. */
const GONE_MS = 80_000;
/** How often the worker checks whether a newer build is installed. */
const LOOK_MS = 1000;

/**
 * Runs the worker in the foreground until a signal ends it. After SIGTERM the running steps end, and their tasks are
 * left to the next worker; after SIGINT (ctrl-c) or SIGHUP the running tasks end. A second signal cancels the tasks,
 * which are undone. If another process is the worker, this one waits to take over. Once a newer build is installed, the
 * worker starts no more tasks, waits for those that run, and replaces itself by that build.
 */
export async function runWorker(session: Session): Promise<number> {
  const root = session.root();
  const holder = workerHolder(root.paths);
  if (holder)
    session.out.say(`${holderText(holder)} ${holder.ours ? 'is the worker' : BLOCKS_WORKERS}; waiting to take over.`);
  saveMemory();
  const report = (id: number): void =>
    reportOutcome(root.inventory, id, (line, task) => session.out.say(forJournal(line, task)));
  const worker = startWorker(localDeps(root), { schedules: true, onChange: announce, onTask: report });
  let active = false;
  function announce(): void {
    // The first call comes before `worker` is assigned.
    queueMicrotask(() => {
      if (!active && worker.active)
        session.out.say(`worker of ${root.paths.root} runs as process ${process.pid} (${thisBuild ?? 'from source'})`);
      active = worker.active;
    });
  }
  const ended = await new Promise<'stopped' | 'outdated'>((resolve) => {
    let signals = 0;
    const end = (text: string, how: 'halt' | 'drain'): void => {
      signals += 1;
      session.out.say(signals === 1 ? text : 'cancelling and undoing the running tasks');
      void (signals === 1 ? worker[how]() : worker.stop()).then(() => resolve('stopped'));
    };
    const checkBuild = setInterval(() => {
      const build = newerBuild();
      if (build === undefined || signals > 0) return;
      clearInterval(checkBuild);
      session.out.say(`the program was updated to ${build}; running tasks to wait for: ${worker.running}`);
      void worker.drain().then(() => resolve(signals > 0 ? 'stopped' : 'outdated'));
    }, LOOK_MS).unref();
    process.on('SIGTERM', () => {
      if (signals === 0) setTimeout(() => process.exit(1), GONE_MS).unref();
      end(`ending; tasks left to the next worker: ${worker.running}`, 'halt');
    });
    process.on('SIGINT', () => end(`ending; tasks that still run: ${worker.running}`, 'drain'));
    // A hangup cancels no task: the worker ends after the running tasks.
    process.on('SIGHUP', () => {
      if (signals === 0) end(`ending; tasks that still run: ${worker.running}`, 'drain');
    });
  });
  if (ended === 'outdated') {
    session.close();
    restartAsNewBuild(process.argv.slice(2));
    // Its systemd unit starts it again.
    session.out.say('ending; the newer build could not be started in this process');
  }
  return 0;
}
