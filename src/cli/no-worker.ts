import { workerRuns } from '../worker/worker-holder.ts';
import { reportWorker } from '../worker/worker-report.ts';
import type { Session } from './session.ts';

/** Why no worker runs, and what to do; undefined if one does. */
export async function noWorker(session: Session): Promise<string | undefined> {
  const root = session.root();
  if (workerRuns(root.paths)) return undefined;
  const { running, trouble } = await reportWorker(root);
  if (running) return undefined;
  return `No worker runs: ${trouble ? `${trouble.message}. ${trouble.hint}` : 'start one with "aegir worker"'}`;
}
