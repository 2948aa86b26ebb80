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

/** The worker of a console. */
export type ConsoleWorker = Pick<Worker, 'running' | 'drain' | 'stop'>;

/** Whoever else waits to be the worker, or goes on as a new program, takes the lock within this time. */
const LEFT_MS = 5000;
/** When nobody did, it is offered again after this. */
const KEPT_MS = 60_000;

/**
 * Makes the console's process the worker, at once or when the one that is it now ends. When another program was
 * installed meanwhile, it gives that up as soon as nothing runs, for whoever may run that program; where nobody takes
 * it, this console goes on as the worker, and offers it again now and then.
 */
export function beginWork(root: Root, outdated: () => boolean = () => newerBuild() !== undefined): ConsoleWorker {
  const start = (): Worker => startWorker(localDeps(root), { schedules: true });
  let worker: Worker | undefined = start();
  /** Since when nobody has the lock, or this has it again. */
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

/** Starts the services of a trial, which nothing else starts after the machine was off. */
export async function beginServices(root: Root): Promise<void> {
  const { isTrial, startTrial } = await import('../setup/trial.ts');
  if (isTrial(root)) await startTrial(root, undefined, () => {});
}

/** How the services of this machine are now. */
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

/** What is wrong with the worker, as doctor and status say it too. */
export async function workerHealth(root: RootFiles): Promise<WorkerHealth | undefined> {
  const { running, trouble } = await reportWorker(root);
  return trouble && { ...trouble, running };
}

/** How much of this machine is left. */
export function machineHealth({ paths }: RootFiles): MachineHealth {
  const { bavail, blocks, bsize } = statfsSync(paths.root);
  const disk = { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  return { disk, load: loadavg(), cpus: availableParallelism() };
}
