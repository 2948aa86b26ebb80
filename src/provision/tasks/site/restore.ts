import { z } from 'zod';
import { byVersion } from '../../model/by-version.ts';
import { AegirError } from '../../model/errors.ts';
import type { Problem } from '../../model/work-io.ts';
import { knownBackup, newSiteRefusal, settled, usablePlatform } from '../checks/availability.ts';
import { checkCode, checkDatabase, manifestFor } from '../checks/backup.ts';
import { checkRoom, heldBy, measured } from '../checks/space.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask, type Step, type StepIo, type TaskContext, type TaskContexts } from '../model/task.ts';
import { linkBeside } from '../steps/beside.ts';
import {
  followBackup,
  loadDatabase,
  readBackup,
  settleRelease,
  unpackFiles,
  updateNext,
} from '../steps/from-backup.ts';
import { holdAndNote, noteOutage, timedStep } from '../steps/outage.ts';
import { newBackup, openBackupFor, packContent, sealBackup } from '../steps/pack.ts';
import { troubleOf } from '../steps/probe.ts';
import { makeRelease, nextRelease, removeReplaced, swapFiles, switchRelease } from '../steps/release.ts';
import { outdated, removeOutdated, SAFETY_KEPT } from '../steps/rotate.ts';
import { packagesIn, tryToBoot, wholeState } from '../steps/updates.ts';
import { checkServices } from './install-checks.ts';

const args = z.object({
  backup: z.string().min(1).register(fieldInfo, {
    title: 'Backup',
    help: 'Name of the backup; aegir backup list shows them.',
    choices: 'backups',
  }),
  platform: z.string().default('').register(fieldInfo, {
    title: 'Platform',
    help: 'Default: the platform of the backup if it still has that version, otherwise the current one.',
    choices: 'platforms',
    advanced: true,
  }),
  otherVersion: z.boolean().default(false).register(fieldInfo, {
    title: 'Other version',
    help: 'Accepts a backup of an older version of the code; the CMS’s updates are run on it.',
    advanced: true,
  }),
  otherSite: z.boolean().default(false).register(fieldInfo, {
    title: 'Other site',
    help: 'Accepts a backup of another site; addresses in its content are changed.',
    advanced: true,
  }),
});
type RestoreTask = TaskContext<'site', z.infer<typeof args>>;

/** After the commit nothing is undone for a broken front page; it is only a warning. */
const askAgain: Step<TaskContexts['site']> = {
  name: 'probe',
  title: 'Request the front page',
  async run(ctx, io) {
    const { site } = ctx;
    if (site.web.serving !== 'open') return io.notNeeded('the site is disabled');
    const trouble = await troubleOf(nextRelease(ctx), io);
    if (trouble !== undefined) io.log('warning', `the front page ${trouble}; aegir site verify ${site.uri} says more`);
  },
};

const SAFETY = 'made before a restore';

/** Boots the CMS. A site that was broken when it was backed up is restored broken, with a warning. */
const bootNext: Step<TaskContexts['site']> = {
  name: 'boot',
  title: 'Ask the CMS for its state',
  run: (ctx, io) => tryToBoot(nextRelease(ctx), io),
};

/**
 * Restores a site from a backup. Database and files are prepared beside the current ones; then visitors see a
 * maintenance page, the current state is backed up, and the parts are switched behind that page. Until the commit any
 * failure is undone; after it the switch always completes.
 */
export const siteRestore = defineTask({
  type: 'site.restore',
  title: 'Restore',
  summary: 'Brings a site back to the state of a backup. A safety backup of its present state is made first.',
  object: 'site',
  keys: ['B'],
  available: settled,
  /** The platform on which the backup was made, if it still has the same version. */
  defaults(records, uri, { platform, backup: name }) {
    const backup = records.backup(name);
    const made = backup && records.platform(backup.platform);
    const fits = made && made.engine === backup.engine && made.version === backup.version;
    if (platform !== '' || !fits || newSiteRefusal(made, records)) return { platform };
    return { platform: made.name === records.site(uri)?.platform ? '' : made.name };
  },
  checkArgs(records, uri, { backup, platform, otherSite }) {
    if (platform !== '') usablePlatform(records, platform);
    const owner = knownBackup(records, backup, uri).uri;
    if (owner === uri || otherSite) return;
    const message = `${backup} is a backup of ${owner}`;
    const hint = `To make a new site from it: aegir site restore ${owner} --backup ${backup} --as NEWURI. To replace ${uri} by its content, add: --other-site`;
    throw new AegirError('BACKUP_OTHER_SITE', message, hint, 'backup');
  },
  danger: 'typed',
  loses: 'what was changed since the backup was made; the safety backup can bring it back',
  args,
  timeLimitS: 4 * 3600,
  async validate(ctx, io, problem) {
    await checkServices(nextRelease(ctx), io, problem);
    await checkBackup(ctx, io, problem);
  },
  apply: [
    readBackup,
    openBackupFor(SAFETY),
    makeRelease,
    loadDatabase,
    unpackFiles,
    settleRelease,
    holdAndNote,
    ...[packContent, sealBackup].map((step) => timedStep('saveMs', step)),
    swapFiles,
    linkBeside,
    updateNext,
    followBackup,
    bootNext,
  ],
  commit: (ctx, result) => ({
    site: {
      state: wholeState(ctx.site),
      release: { ...nextRelease(ctx).release, platform: nextRelease(ctx).platform.name },
      packages: packagesIn(result),
    },
    backup: newBackup(ctx.site, result, SAFETY, 'safety'),
    forgetBackups: outdated(ctx, 'safety', SAFETY_KEPT),
  }),
  cleanUp: [
    // Before visitors return, since its parts are no longer used by anything.
    removeReplaced,
    switchRelease,
    noteOutage,
    askAgain,
    removeOutdated((ctx) => outdated(ctx, 'safety', SAFETY_KEPT)),
  ],
});

async function checkBackup(ctx: RestoreTask, io: StepIo, problem: Problem): Promise<void> {
  const { site, args } = ctx;
  const manifest = await manifestFor(site, args.backup, io, problem);
  if (!manifest) return;
  const { platform } = nextRelease(ctx);
  const { engine, version } = manifest.platform;
  checkCode(args.backup, manifest.platform, platform, problem);
  if (engine === platform.engine && byVersion(version, platform.version) < 0 && !args.otherVersion) {
    const message = `${args.backup} was made on ${engine} ${version}, ${platform.name} is ${platform.version}`;
    problem('BACKUP_OTHER_VERSION', message, 'To update it to that version, add: --other-version', 'backup');
  }
  checkDatabase(manifest, site, io, problem);
  await checkRoom(site, io, { saved: await measured(site, io), copied: heldBy(manifest) }, problem);
}
