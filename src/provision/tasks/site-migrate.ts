import { z } from 'zod';
import { packageInfo, sitePaths } from '../context.ts';
import { runProgram } from '../engines/program.ts';
import { engineNamed } from '../engines/registry.ts';
import type { Json } from '../errors.ts';
import { dbDriver } from '../services/registry.ts';
import { defineTask, type Step, type TaskContext } from '../task.ts';
import { fieldInfo } from './fields.ts';
import { checkServices } from './site-install-checks.ts';
import { copyDatabaseBeside, linkBeside, probeHidden, publishHidden, settleBeside, timed } from './steps/beside.ts';
import { keptUntil, removeKept } from './steps/kept.ts';
import { linksOf, makeRelease, nextRelease, switchRelease } from './steps/release.ts';
import { holdVisitors } from './steps/visitors.ts';

/** How long the old release is kept, in days. */
const KEPT_DAYS = 7;

const args = z.object({
  platform: z.string().min(1).register(fieldInfo, {
    title: 'Platform',
    help: 'Of the same CMS, of the same version or a newer one; compare shows what differs.',
    choices: 'platforms',
    example: 'wp-2027',
  }),
  keepDays: z.coerce.number().int().min(0).max(365).default(KEPT_DAYS).register(fieldInfo, {
    title: 'Keep',
    help: 'For how many days the site can go back to the platform and content of before; 0 for not at all.',
    advanced: true,
  }),
  anyway: z.boolean().default(false).register(fieldInfo, {
    title: 'Anyway',
    help: 'Go on although the platform lacks packages that the site uses.',
    advanced: true,
  }),
});
type MigrateTask = TaskContext<'site', z.infer<typeof args>>;

const holdAndNote: Step<MigrateTask> = {
  ...holdVisitors,
  async run(ctx, io) {
    await holdVisitors.run(ctx, io);
    io.report({ heldAt: Date.now() });
  },
};

const runUpdates: Step<MigrateTask> = {
  name: 'updates',
  title: 'Run the database updates of the CMS on the copy',
  async run(ctx, io) {
    const next = nextRelease(ctx);
    const engine = engineNamed(next.platform.engine);
    await timed('updateMs', io, async () => {
      const {
        aegir: _form,
        ok: _ok,
        ...answer
      } = await runProgram(io.host, next, engine.name, engine.update(next), io);
      io.log('info', `${engine.title}: ${JSON.stringify(answer)}`);
    });
  },
};

const bootNext: Step<MigrateTask> = {
  name: 'boot',
  title: 'Ask the CMS how it is',
  async run(ctx, io) {
    const next = nextRelease(ctx);
    const engine = engineNamed(next.platform.engine);
    const program = engine.verify(next, dbDriver(next.server).access(next));
    const { packages } = await runProgram(io.host, next, engine.name, program, io);
    const found = z.array(packageInfo).safeParse(packages);
    if (found.success) io.report({ packages: found.data as unknown as Json });
  },
};

/** What visitors have missed, beyond the copy and the updates that no way round is known for. */
const noteOutage: Step<MigrateTask> = {
  name: 'outage',
  title: 'Note how long visitors waited',
  async run(_ctx, io) {
    const { heldAt, copyMs = 0, updateMs = 0 } = io.result;
    if (heldAt === undefined || io.result.withoutServiceMs !== undefined) return;
    const withoutServiceMs = Date.now() - Number(heldAt);
    io.report({ withoutServiceMs });
    const rest = withoutServiceMs - Number(copyMs) - Number(updateMs);
    const seconds = (ms: unknown): string => `${(Number(ms) / 1000).toFixed(1)} s`;
    io.log(
      'info',
      `without service for ${seconds(withoutServiceMs)}: ${seconds(copyMs)} copying the database, ` +
        `${seconds(updateMs)} of the CMS's own updates, ${seconds(rest)} for the rest`,
    );
  },
};

/** With `--keep-days 0` nothing of the release of before is left. */
const removeBefore: Step<MigrateTask> = {
  name: 'before',
  title: 'Remove the release of before',
  async run({ site, args: { keepDays } }, io) {
    if (keepDays > 0) return;
    await dbDriver(site.server).dropDatabase(io.host, site);
    await io.host.act('tree.remove', { path: sitePaths(site).release, as: site.handle });
    for (const { path } of linksOf(site, false)) await io.host.act('link.remove', { path });
  },
};

/**
 * Moves a site to another platform of its CMS. A new release with a copy of the database is made beside the one of
 * now, updated and asked for its front page where only this machine sees it; then one switch. Files are not moved.
 * Until the commit the site is as it was, after it the switch always finishes.
 */
export const siteMigrate = defineTask({
  type: 'site.migrate',
  title: 'Migrate',
  summary: 'Moves the site to another platform of its CMS, on a copy of its database that is tried before the switch.',
  object: 'site',
  danger: 'confirm',
  loses: 'nothing: for seven days one task goes back to the code and content of before',
  args,
  timeLimitS: 4 * 3600,
  async validate(ctx, io, problem) {
    await checkServices(ctx.site, io, problem);
    for (const { path } of linksOf(nextRelease(ctx), false)) {
      const fact = await io.host.stat(path);
      if (fact === undefined || fact.kind === 'link') continue;
      problem('FOLDER_EXISTS', `${path} exists already`, 'Move it away: the site is found by a link of that name.');
    }
  },
  apply: [
    makeRelease,
    settleBeside,
    linkBeside,
    holdAndNote,
    copyDatabaseBeside,
    runUpdates,
    bootNext,
    publishHidden(nextRelease),
    probeHidden(nextRelease),
  ],
  commit(ctx, { packages }) {
    const { release, platform } = nextRelease(ctx);
    const found = z.array(packageInfo).safeParse(packages);
    const { keepDays } = ctx.args;
    return {
      site: {
        release: { ...release, platform: platform.name, keepUntil: keptUntil(keepDays) },
        // There is one to go back to at most.
        ...(keepDays === 0 ? { forgetKept: true } : {}),
        ...(found.success ? { packages: found.data } : {}),
      },
    };
  },
  cleanUp: [switchRelease, noteOutage, removeKept, removeBefore],
});
