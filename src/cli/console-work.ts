import { statfsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { listServers } from '../db/servers.ts';
import { newerBuild } from '../provision/host/local/build.ts';
import { serviceName } from '../provision/model/context.ts';
import type { MachineHealth, WorkerHealth } from '../state/model/state.ts';
import { serverContextOf } from '../worker/contexts.ts';
import { hostOf, localDeps } from '../worker/local-deps.ts';
import type { Root, RootFiles } from '../worker/open-root.ts';
import { planTask, type TaskPlan } from '../worker/plan-task.ts';
import type { Queue, TaskRequest } from '../worker/queue-access.ts';
import { startWorker, type Worker } from '../worker/worker.ts';
import { workerRuns } from '../worker/worker-holder.ts';
import { reportWorker } from '../worker/worker-report.ts';

/** The worker in the process of a console. */
export type ConsoleWorker = Pick<Worker, 'running' | 'drain' | 'stop'>;

/** Another process that waits to be the worker, or restarts as a new build, takes the lock within this time. */
const LEFT_MS = 5000;
/** If no process took the lock, the console gives it up again after this time. */
const KEPT_MS = 60_000;

/**
 * Makes the console's process the worker, at once or when the current worker ends. Once a newer build is installed, the
 * console gives up the lock as soon as no task runs, so that a process with the newer build can become the worker. If
 * none does, the console becomes the worker again, and gives up the lock again from time to time.
 */
export function beginWork(root: Root, outdated: () => boolean = () => newerBuild() !== undefined): ConsoleWorker {
  const start = (): Worker => startWorker(localDeps(root), { schedules: true });
  let worker: Worker | undefined = start();
  /** The time since when no process has the lock, or this one has it again. */
  let since = 0;
  let leaving: Promise<void> | undefined;

  function look(): void {
    if (!outdated() || leaving) return;
    const now = Date.now();
    if (worker?.active) {
      if (worker.running === 0 && now - since >= KEPT_MS) leave(worker);
    } else if (worker) leave(worker);
    else if (workerRuns(root.paths)) since = now;
    else if (now - since >= LEFT_MS) {
      worker = start();
      since = now;
    }
  }
  function leave(now: Worker): void {
    leaving = now.drain().finally(() => {
      [worker, leaving, since] = [undefined, undefined, Date.now()];
    });
  }
  const looking = setInterval(look, 1000);
  const ended = async (how: 'drain' | 'stop'): Promise<void> => {
    clearInterval(looking);
    await leaving;
    await worker?.[how]();
  };
  return {
    get running() {
      return worker?.running ?? 0;
    },
    drain: () => ended('drain'),
    stop: () => ended('stop'),
  };
}

/** What a task would do on this machine. */
export const plan = (queue: Queue, root: Root, request: TaskRequest): Promise<TaskPlan> =>
  planTask(queue, localDeps(root), request);

/** Starts the services of a trial, which nothing else starts after a reboot. */
export async function beginServices(root: Root): Promise<void> {
  const { isTrial, startTrial } = await import('../setup/trial.ts');
  if (isTrial(root)) await startTrial(root, undefined, () => {});
}

/** The current state of this machine's services. */
export async function serviceHealth({ inventory, paths, program }: Root) {
  const [row] = listServers(inventory);
  if (!row) return [];
  const server = serverContextOf(inventory, paths.root, row.name);
  const host = hostOf(inventory, paths, server);
  return Promise.all(
    program.services.all(server).map(async ({ service, driver, server: its }) => ({
      kind: service.kind,
      name: serviceName(service),
      state: await driver.state(host, its),
    })),
  );
}

/** What is wrong with the worker, in the same words as doctor and status. */
export async function workerHealth(root: RootFiles): Promise<WorkerHealth | undefined> {
  const { running, trouble } = await reportWorker(root);
  return trouble && { ...trouble, running };
}

/** Free disk space and load of this machine. */
export function machineHealth({ paths }: RootFiles): MachineHealth {
  const { bavail, blocks, bsize } = statfsSync(paths.root);
  const disk = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  return { disk, load: loadavg(), cpus: availableParallelism() };
}
