import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisProgram } from '../provision/host/local/build.ts';
import { isAlive, processFact, sendSignal } from '../provision/host/local/processes.ts';
import { waitUntil } from '../provision/host/local/wait.ts';
import { rootPaths } from '../provision/model/paths.ts';
import { workerRuns } from '../worker/worker-holder.ts';
import type { Session } from './session.ts';

/** Starts a worker that continues after this command, for a trial without a console. */
export function startBackgroundWorker(session: Session): void {
  if (workerRuns(session.paths())) return;
  const { root } = session.paths();
  const { node, script } = thisProgram();
  const child = spawn(node, [script, '--root', root, '--quiet', 'worker'], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  });
  child.unref();
  const fact = child.pid === undefined ? undefined : processFact(child.pid);
  writeFileSync(workerFile(root), JSON.stringify({ pid: child.pid, started: fact?.started ?? '' }), { mode: 0o600 });
}

/** Stops the background worker after its running tasks have ended. */
export async function stopBackgroundWorker(session: Session): Promise<void> {
  try {
    const known = JSON.parse(readFileSync(workerFile(session.paths().root), 'utf8')) as {
      pid: number;
      started: string;
    };
    if (known.started === '' || isAlive(known)) sendSignal(known.pid, 'SIGHUP');
    await waitUntil(() => !workerRuns(session.paths()), 60_000);
    rmSync(workerFile(session.paths().root), { force: true });
  } catch {
    // No worker was started.
  }
}

const workerFile = (root: string): string => join(rootPaths(root).run, 'worker.json');
