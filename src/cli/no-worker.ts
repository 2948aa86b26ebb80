import { workerRuns } from '../worker/worker-holder.ts';
import { reportWorker } from '../worker/worker-report.ts';
import type { Session } from './session.ts';

/** Why nobody works on the queue, and what to do; undefined where somebody does. */
export async function noWorker(session: Session): Promise<string | undefined> {
  const root = session.root();
  if (workerRuns(root.paths)) return undefined;
  const { running, trouble } = await reportWorker(root);
  if (running) return undefined;
  return `No worker runs: ${trouble ? `${trouble.message}. ${trouble.hint}` : 'start one with "aegir worker"'}`;
}
