import type { SiteContext } from '../../model/context.ts';
import type { Step, TaskContexts } from '../model/task.ts';

type SiteTask = TaskContexts['site'];

/** Runs a site's step for the site as the task will leave it: `change` derives that from the context alone. */
export function asChanged<C extends SiteTask>(step: Step<SiteTask>, change: (ctx: C) => SiteContext): Step<C> {
  const { undo } = step;
  const changed = (ctx: C): SiteTask => ({ ...ctx, site: change(ctx) });
  return {
    ...step,
    run: (ctx, io) => step.run(changed(ctx), io),
    ...(undo ? { undo: (ctx: C, io, saved) => undo(changed(ctx), io, saved) } : {}),
  };
}
