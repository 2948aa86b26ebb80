import { z } from 'zod';
import { packageInfo } from '../context.ts';
import { runProgram } from '../engines/program.ts';
import { engineNamed } from '../engines/registry.ts';
import type { Json } from '../errors.ts';
import { dbDriver } from '../services/registry.ts';
import { defineTask, type Step, type TaskContexts } from '../task.ts';
import { checkServices } from './site-install-checks.ts';
import { liveOf } from './steps/pack.ts';
import { probeSite } from './steps/probe.ts';
import { removeSnapshot, restoreSnapshot, takeSnapshot } from './steps/snapshot.ts';
import { holdVisitors, letVisitorsIn } from './steps/visitors.ts';

type SiteTask = TaskContexts['site'];

const runUpdates: Step<SiteTask> = {
  name: 'updates',
  title: 'Run the database updates of the CMS',
  async run({ site }, io) {
    io.save({ snapshot: io.result.snapshot ?? '' });
    const engine = engineNamed(site.platform.engine);
    const { aegir: _form, ok: _ok, ...answer } = await runProgram(io.host, site, engine.name, engine.update(site), io);
    io.report({ update: answer });
    io.log('info', `${engine.title}: ${JSON.stringify(answer)}`);
  },
  undo: ({ site }, io, saved) => restoreSnapshot(io.host, site, (saved as { snapshot: string }).snapshot, liveOf(io)),
};

/** The CMS must run before visitors see it. */
const checkCms: Step<SiteTask> = {
  name: 'boot',
  title: 'Ask the CMS how it is',
  async run({ site }, io) {
    const engine = engineNamed(site.platform.engine);
    const program = engine.verify(site, dbDriver(site.server).access(site));
    const answer = await runProgram(io.host, site, engine.name, program, io);
    const packages = z.array(packageInfo).safeParse(answer.packages);
    io.report({ packages: (packages.data ?? []) as unknown as Json });
  },
};

/** Brings the database of a site to the version of its code. When anything fails, all is as it was before. */
export const siteUpdate = defineTask({
  type: 'site.update',
  title: 'Update',
  summary: 'Runs the database updates of the CMS behind a page that asks for patience; undone when anything fails.',
  object: 'site',
  danger: 'none',
  args: z.object({}),
  timeLimitS: 4 * 3600,
  validate: ({ site }, io, problem) => checkServices(site, io, problem),
  apply: [holdVisitors, takeSnapshot, runUpdates, checkCms, letVisitorsIn, probeSite],
  commit(_ctx, { packages }) {
    const found = z.array(packageInfo).safeParse(packages);
    return { site: found.success ? { packages: found.data } : {} };
  },
  cleanUp: [removeSnapshot],
});
