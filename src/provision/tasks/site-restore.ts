import { z } from 'zod';
import { describeError } from '../errors.ts';
import { type Manifest, readManifest } from '../manifest.ts';
import { dbDriver } from '../services/registry.ts';
import { defineTask, type Problem, type Step, type StepIo, type TaskContext, type TaskContexts } from '../task.ts';
import { fieldInfo } from './fields.ts';
import { checkServices } from './site-install-checks.ts';
import { newBackup, openBackupFor, packDatabase, packFiles, sealBackup } from './steps/pack.ts';
import { troubleOf } from './steps/probe.ts';
import {
  loadDatabase,
  makeRelease,
  nextRelease,
  removeReplaced,
  settleRelease,
  swapFiles,
  switchRelease,
  unpackFiles,
} from './steps/release.ts';
import { outdated, removeOutdated, SAFETY_KEPT } from './steps/rotate.ts';

const args = z.object({
  backup: z.string().min(1).register(fieldInfo, {
    title: 'Backup',
    help: 'Name of the backup; aegir backup list shows them.',
    choices: 'backups',
  }),
  platform: z.string().default('').register(fieldInfo, {
    title: 'Platform',
    help: 'Left empty: the one that the backup was made on, where it is still of that version; else the one of now.',
    choices: 'platforms',
    advanced: true,
  }),
  otherVersion: z.boolean().default(false).register(fieldInfo, {
    title: 'Other version',
    help: 'Take it although it was made on another version of the code; the database may need an update.',
    advanced: true,
  }),
});
type RestoreTask = TaskContext<'site', z.infer<typeof args>>;

/** Nothing is taken back for it any more: it is said. */
const askAgain: Step<TaskContexts['site']> = {
  name: 'probe',
  title: 'Ask for the front page',
  async run(ctx, io) {
    const { site } = ctx;
    if (site.web.serving !== 'open') return;
    const trouble = await troubleOf(nextRelease(ctx), io);
    if (trouble !== undefined) io.log('warning', `the front page ${trouble}; aegir site verify ${site.uri} says more`);
  },
};

const SAFETY = 'made before a restore';

/**
 * Brings a site back as a backup has it. A safety backup is made first; database and files are prepared beside those
 * of now; then one switch. Until the commit nothing of the site has changed, after it the switch always finishes.
 */
export const siteRestore = defineTask({
  type: 'site.restore',
  title: 'Restore',
  summary: 'Brings a site back as it was in a backup; a safety backup of the site as it is now is made first.',
  object: 'site',
  danger: 'typed',
  loses: 'what was changed since the backup that is restored; a safety backup brings it back',
  args,
  timeLimitS: 4 * 3600,
  async validate(ctx, io, problem) {
    await checkServices(ctx.site, io, problem);
    await checkBackup(ctx, io, problem);
  },
  apply: [
    openBackupFor(SAFETY),
    packDatabase,
    packFiles,
    sealBackup,
    makeRelease,
    loadDatabase,
    unpackFiles,
    settleRelease,
  ],
  commit: (ctx, result) => ({
    site: { release: { ...nextRelease(ctx).release, platform: nextRelease(ctx).platform.name } },
    backup: newBackup(ctx.site, result, SAFETY, 'safety'),
    forgetBackups: outdated(ctx, 'safety', SAFETY_KEPT),
  }),
  cleanUp: [
    swapFiles,
    switchRelease,
    askAgain,
    removeReplaced,
    removeOutdated((ctx) => outdated(ctx, 'safety', SAFETY_KEPT)),
  ],
});

async function checkBackup(ctx: RestoreTask, io: StepIo, problem: Problem): Promise<void> {
  const { site, args } = ctx;
  const { backup, otherVersion } = args;
  let manifest: Manifest;
  try {
    manifest = await readManifest(io.host, site.server, backup);
  } catch (error) {
    const { code, message, hint } = describeError(error);
    problem(code, message, hint, 'backup');
    return;
  }
  const { platform } = nextRelease(ctx);
  const made = `${manifest.platform.engine} ${manifest.platform.version}`;
  if (manifest.platform.engine !== platform.engine) {
    problem(
      'BACKUP_UNFIT',
      `${backup} is of ${made}, ${platform.name} is ${platform.engine}`,
      'Choose another.',
      'backup',
    );
  } else if (manifest.platform.version !== platform.version && !otherVersion) {
    const message = `${backup} was made on ${made}, ${platform.name} is ${platform.version}`;
    problem('BACKUP_OTHER_VERSION', message, 'If that is meant, add: --other-version', 'backup');
  }
  const driver = dbDriver(site.server).name;
  if (manifest.databaseDriver !== driver) {
    problem(
      'BACKUP_UNFIT',
      `${backup} holds a database of ${manifest.databaseDriver}, not of ${driver}`,
      'Choose another.',
    );
  }
  const { bytes } = await io.host.space(site.server.root);
  const needed = 2 * (manifest.files.bytes + manifest.database.bytes);
  if (bytes < needed) {
    const message = `${Math.round(needed / 1e6)} MB are needed beside the site, ${Math.round(bytes / 1e6)} are free`;
    problem('DISK_FULL', message, 'Make room, then try again.');
  }
}
