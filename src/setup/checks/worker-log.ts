import type { RootPaths } from '../../provision/model/paths.ts';
import { lastTrouble } from '../../worker/trouble.ts';
import type { Check, Wrong } from '../check.ts';

const DAY_MS = 24 * 3600_000;

/** What the row is called, also in a trial. */
export const WORKER_LOG = 'Log of the worker';

/** Nothing went wrong in the worker lately beside its tasks. */
export const workerWell: Check = {
  id: 'worker-log',
  title: WORKER_LOG,
  async check({ target }) {
    return process.getuid?.() === 0 ? lateTrouble(target.paths) : undefined;
  },
};

/** What went wrong within the last day; undefined where nothing did. */
export function lateTrouble(paths: RootPaths): Wrong | undefined {
  const last = lastTrouble(paths);
  if (!last || Date.now() - Date.parse(last.at) > DAY_MS) return undefined;
  const { at, text } = last;
  const remedy = `Mend what it says; all of it is in ${paths.workerLog}`;
  return { code: 'WORKER_TROUBLED', detail: `${at} ${text}`, remedy, warning: true };
}
