import { backupPaths } from '../model/manifest.ts';
import type { Step, TaskContexts } from '../model/task.ts';

type SiteTask = TaskContexts['site'];

/** How many safety backups a site keeps, in addition to the newest. */
export const SAFETY_KEPT = 3;

/** The backups of a kind that are removed when there is a new one and so many are kept with it. */
export const outdated = (ctx: SiteTask, kind: 'rotating' | 'safety', kept: number): string[] =>
  (ctx.backups?.[kind] ?? []).slice(Math.max(0, kept - 1));

/** Removes backups that are no longer in the inventory. `gone` derives their names from the context alone. */
export const removeOutdated = <C extends SiteTask>(gone: (ctx: C) => string[]): Step<C> => ({
  name: 'rotate',
  title: 'Remove the oldest backups',
  async run(ctx, io) {
    const names = gone(ctx);
    if (names.length === 0) return io.notNeeded('there are no more than are kept');
    for (const name of names) {
      await io.host.act('tree.remove', { path: backupPaths(ctx.site.server, name).folder });
      io.log('info', `removed ${name}`);
    }
  },
});
