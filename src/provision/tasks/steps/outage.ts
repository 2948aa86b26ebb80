import type { Step, StepIo, TaskContexts } from '../model/task.ts';
import { holdVisitors } from './visitors.ts';

type SiteTask = TaskContexts['site'];

/** Parts of the downtime that are reported separately, by their name in the result. */
const parts = { saveMs: 'saving what was there', copyMs: 'copying the database', updateMs: "of the CMS's own updates" };

/** Shows visitors the maintenance page and records the time. Undo reopens the site. */
export const holdAndNote: Step<SiteTask> = {
  ...holdVisitors,
  async run(ctx, io) {
    await holdVisitors.run(ctx, io);
    io.report({ heldAt: Date.now() });
  },
};

/** Records how long something took, in milliseconds, in the task's result; repeated work is added up. */
export async function timed(name: keyof typeof parts, io: StepIo, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await work();
  io.report({ [name]: Number(io.result[name] ?? 0) + Math.round(performance.now() - began) });
}

/** A step whose duration is recorded in this way. */
export const timedStep = <C>(name: keyof typeof parts, step: Step<C>): Step<C> => ({
  ...step,
  run: (ctx, io) => timed(name, io, () => step.run(ctx, io)),
});

/** Logs the downtime and its parts; a site that was closed before had no downtime. */
export const noteOutage: Step<SiteTask> = {
  name: 'outage',
  title: 'Record how long visitors waited',
  async run({ site }, io) {
    const { heldAt } = io.result;
    if (site.web.serving !== 'open') return io.notNeeded('the site is disabled');
    if (heldAt === undefined || io.result.withoutServiceMs !== undefined) return;
    const withoutServiceMs = Date.now() - Number(heldAt);
    io.report({ withoutServiceMs });
    const seconds = (ms: unknown): string => `${(Number(ms) / 1000).toFixed(1)} s`;
    const known = Object.entries(parts).filter(([name]) => io.result[name] !== undefined);
    const told = known.map(([name, what]) => `${seconds(io.result[name])} ${what}`);
    const rest = known.reduce((left, [name]) => left - Number(io.result[name]), withoutServiceMs);
    io.log(
      'info',
      `without service for ${seconds(withoutServiceMs)}: ${[...told, `${seconds(rest)} for the rest`].join(', ')}`,
    );
  },
};
