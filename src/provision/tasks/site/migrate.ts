import { z } from 'zod';
import { changeText } from '../../engines/compare-packages.ts';
import { sitePaths } from '../../model/context.ts';
import { KEPT_DAYS } from '../../model/kept-days.ts';
import { settled, throwRefusal, usablePlatform } from '../checks/availability.ts';
import { checkRoom, measured } from '../checks/space.ts';
import { fieldInfo } from '../model/fields.ts';
import type { MoveRecord, PlatformRecord, SiteRecord } from '../model/records.ts';
import { defineTask, type Step, type TaskContext } from '../model/task.ts';
import { asChanged } from '../steps/as-changed.ts';
import { copyDatabaseBeside, linkBeside, probeHidden, publishHidden, settleBeside } from '../steps/beside.ts';
import { keptUntil, removeKept } from '../steps/kept.ts';
import { holdAndNote, noteOutage, timed } from '../steps/outage.ts';
import { linksOf, makeRelease, nextRelease, switchRelease } from '../steps/release.ts';
import { askCms, packagesIn, updateContent, wholeState } from '../steps/updates.ts';
import { checkUsed } from '../steps/used.ts';
import { checkServices } from './install-checks.ts';

const args = z.object({
  platform: z.string().min(1).register(fieldInfo, {
    title: 'Platform',
    help: 'Of the same CMS, of the same version or a newer one; compare shows what differs.',
    choices: 'otherPlatforms',
    example: 'wp-2027',
  }),
  keepDays: z.coerce.number().int().min(0).max(365).default(KEPT_DAYS).register(fieldInfo, {
    title: 'Keep',
    help: 'For how many days the site can go back to its former platform and content; 0 for not at all.',
    advanced: true,
  }),
  anyway: z.boolean().default(false).register(fieldInfo, {
    title: 'Anyway',
    help: 'Migrates although the platform lacks packages that the site uses.',
    advanced: true,
  }),
});
type MigrateTask = TaskContext<'site', z.infer<typeof args>>;

const runUpdates: Step<MigrateTask> = {
  name: 'updates',
  title: 'Run the database updates of the CMS on the copy',
  run: (ctx, io) => timed('updateMs', io, () => updateContent(nextRelease(ctx), io)),
};

/** With `--keep-days 0` the previous release is removed. */
const removeBefore: Step<MigrateTask> = {
  name: 'before',
  title: 'Remove the previous release',
  async run({ site, args: { keepDays } }, io) {
    if (keepDays > 0) return io.notNeeded(`it is kept for ${keepDays} ${keepDays === 1 ? 'day' : 'days'}`);
    await io.services.db(site.server).dropDatabase(io.host, site);
    await io.host.act('tree.remove', { path: sitePaths(site).release, as: site.handle });
    for (const { path } of linksOf(io, site, false)) await io.host.act('link.remove', { path });
  },
};

function notesOf(site: SiteRecord, to: PlatformRecord, { blocked, changes, notes }: MoveRecord) {
  const core = `${site.engine} ${site.version} on ${site.platform} to ${to.version} on ${to.name}`;
  const lines = changes.map(changeText);
  const changed = changes.map(({ kind, name, from, to: there, verdict }) =>
    verdict === 'missing'
      ? `  missing    ${kind} ${name} ${from}`
      : `  ${verdict.padEnd(9)}  ${kind} ${name} ${from} → ${there}`,
  );
  return {
    plan: [core, ...(lines.length > 0 ? lines : ['The packages that it uses are the same there.']), ...notes],
    question: [
      'It moves on a copy of its database, which is updated and tried before visitors see it; for seven days it can go back.',
      '',
      changed.length > 0 ? `What it uses and ${to.name} has otherwise:` : `All that it uses is the same on ${to.name}.`,
      ...changed,
      ...blocked.map(({ message }) => `  ${message}`),
      ...notes.map((note) => `  ${note}`),
    ],
  };
}

/**
 * Moves a site to another platform of its CMS. A new release with a copy of the database is created beside the current
 * one, updated, and its front page tested where only this machine sees it; then the site is switched. Files are not
 * moved. Before the commit the site is unchanged, after it the switch always completes.
 */
export const siteMigrate = defineTask({
  type: 'site.migrate',
  title: 'Migrate',
  summary: 'Moves the site to another platform of its CMS, on a copy of its database that is tested before the switch.',
  object: 'site',
  keys: ['m'],
  footer: 8,
  available: settled,
  several: 'several move from the page of their platform: m',
  checkArgs(records, uri, { platform: name, anyway }) {
    const platform = usablePlatform(records, name);
    const blocked = records.moveOf(uri, platform.name)?.blocked ?? [];
    throwRefusal(
      blocked.find((reason) => !(anyway && reason.canBeMeant)),
      'platform',
    );
  },
  notes(records, uri, { platform: name }) {
    const [site, to] = [records.site(uri), records.platform(name)];
    const move = records.moveOf(uri, name);
    return site && to && move ? notesOf(site, to, move) : { question: [], plan: [] };
  },
  danger: 'confirm',
  loses: 'nothing: for seven days it can go back to its former code and content',
  args,
  timeLimitS: 4 * 3600,
  async validate(ctx, io, problem) {
    await checkServices(nextRelease(ctx), io, problem);
    const { database } = await measured(ctx.site, io);
    await checkRoom(ctx.site, io, { copied: { database } }, problem);
    for (const { path } of linksOf(io, nextRelease(ctx), false)) {
      const fact = await io.host.stat(path);
      if (fact === undefined || fact.kind === 'link') continue;
      problem(
        'FOLDER_EXISTS',
        `${path} exists already`,
        'Move it away: a link of that name is needed to find the site.',
      );
    }
  },
  apply: [
    checkUsed,
    makeRelease,
    settleBeside,
    linkBeside,
    holdAndNote,
    copyDatabaseBeside,
    runUpdates,
    asChanged<MigrateTask>(askCms, nextRelease),
    publishHidden(nextRelease),
    probeHidden(nextRelease),
  ],
  commit(ctx, result) {
    const { release, platform } = nextRelease(ctx);
    const { keepDays } = ctx.args;
    return {
      site: {
        state: wholeState(ctx.site),
        release: { ...release, platform: platform.name, keepUntil: keptUntil(keepDays) },
        // At most one release is kept.
        ...(keepDays === 0 ? { forgetKept: true } : {}),
        packages: packagesIn(result),
      },
    };
  },
  cleanUp: [switchRelease, noteOutage, removeKept, removeBefore],
});
