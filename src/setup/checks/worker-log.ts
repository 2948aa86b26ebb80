import type { RootPaths } from '../../provision/model/paths.ts';
import { lastTrouble } from '../../worker/trouble.ts';
import type { Check, Wrong } from '../check.ts';

const DAY_MS = 24 * 3600_000;

/** The row's title, also in a trial. */
export const WORKER_LOG = 'Log of the worker';

/** The worker had no errors lately, outside of its tasks. */
export const workerWell: Check = {
  id: 'worker-log',
  title: WORKER_LOG,
  async check({ target }) {
    return process.getuid?.() === 0 ? lateTrouble(target.paths) : undefined;
  },
};

/** The last error if it is less than a day old; undefined without one. */
export function lateTrouble(paths: RootPaths): Wrong | undefined {
  const last = lastTrouble(paths);
  if (!last || Date.now() - Date.parse(last.at) > DAY_MS) return undefined;
  const { at, text } = last;
  const hint = `Fix the cause; the whole log is ${paths.workerLog}`;
  return { code: 'WORKER_TROUBLED', message: `${at} ${text}`, hint, warning: true };
}
