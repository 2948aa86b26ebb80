import { join } from 'node:path';
import { z } from 'zod';
import { writeFiles } from '../../host/change-files.ts';
import { sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { asCopy, noSuch } from '../checks/availability.ts';
import { checkCode, checkDatabase, manifestFor } from '../checks/backup.ts';
import { checkRoom, heldBy } from '../checks/space.ts';
import { fieldInfo } from '../model/fields.ts';
import { backupPaths, type Manifest, readManifest } from '../model/manifest.ts';
import type { NewSite, Records } from '../model/records.ts';
import { defineTask, type Step, type StepIo, type TaskContext } from '../model/task.ts';
import { makeAccount } from '../steps/account.ts';
import {
  checkFound,
  closeArchive,
  countFound,
  giveFiles,
  loadFound,
  moveAside,
  oldNameOf,
  openArchive,
  settingsFound,
} from '../steps/adopt.ts';
import { carryRows } from '../steps/carry.ts';
import { letContentFollow, renewSecrets } from '../steps/content.ts';
import { makeDatabase } from '../steps/database.ts';
import { diskBytesIn, linkByName, measureSite } from '../steps/finish.ts';
import { makeHome } from '../steps/folders.ts';
import { readBackup } from '../steps/from-backup.ts';
import { restoreLocalFiles, schedulesIn } from '../steps/local-files.ts';
import { liveOf } from '../steps/pack.ts';
import { probeSite } from '../steps/probe.ts';
import { publishSite } from '../steps/publish.ts';
import { fillFiles } from '../steps/release.ts';
import { ofPeople, settingsWith, writeSettings } from '../steps/settings.ts';
import { askHowItIs, packagesIn, updateContent, wholeState } from '../steps/updates.ts';
import { checkNewSite } from './install-checks.ts';

const absolutePath = () =>
  z
    .string()
    .regex(/^(\/.*)?$/, 'an absolute path')
    .default('');

const args = z.object({
  backup: z.string().default('').register(fieldInfo, {
    title: 'Backup',
    help: 'Name of the backup. One from another machine is added with: aegir backup import FILE.',
    choices: 'allBackups',
  }),
  from: absolutePath().register(fieldInfo, {
    title: 'From',
    help: 'Instead of a backup: the folder of a separately installed site, or an archive of it.',
    example: '/var/www/html',
    inExample: true,
  }),
  dump: absolutePath().register(fieldInfo, {
    title: 'Dump',
    help: 'SQL dump (.sql, .sql.gz or .sql.zst). Default: the database that the settings in the folder name.',
    example: '/root/shop.sql.gz',
  }),
  site: z.string().default('').register(fieldInfo, {
    title: 'Site',
    help: 'Which site to import if the folder or archive contains several: its folder below it. Default: the one named like the URI.',
    example: 'sites/shop.example.org',
    advanced: true,
  }),
  address: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .register(fieldInfo, {
      title: 'Address',
      help: 'Former address of the site, if its database does not contain it.',
      example: 'https://shop.example.org',
      advanced: true,
    }),
  platform: z.string().min(1).register(fieldInfo, {
    title: 'Platform',
    help: 'Of the same CMS.',
    choices: 'platforms',
  }),
  client: z.string().default('admin').register(fieldInfo, {
    title: 'Client',
    help: 'Who the site belongs to.',
    choices: 'clients',
    advanced: true,
  }),
  again: z.boolean().default(false).register(fieldInfo, {
    title: 'Again',
    help: 'Creates a known site again whose home is missing, with its own handle and schedules.',
    advanced: true,
  }),
});
type ImportTask = TaskContext<'site', z.infer<typeof args>>;

const manifestOf = ({ site, args: { backup } }: ImportTask, io: StepIo): Promise<Manifest> =>
  readManifest(io.host, site.server, backup);

/** Restores own lines from the backup, and keys if the site keeps its name: a copy has its own keys. */
const keepSettings: Step<ImportTask> = {
  name: 'keys',
  title: 'Write the keys and own lines of the backup',
  async run(ctx, io) {
    if (io.host.planning) return;
    if (ctx.args.from) return writeFiles(io.host, settingsWith(io, ctx.site, await settingsFound(ctx, io)));
    const manifest = await manifestOf(ctx, io);
    await restoreLocalFiles(ctx.site, manifest, io);
    const { settings } = manifest;
    const kept = ctx.site.uri === manifest.site.uri ? settings : ofPeople(settings);
    await writeFiles(io.host, settingsWith(io, ctx.site, kept));
  },
};

const unpackFiles: Step<ImportTask> = {
  name: 'unpack',
  title: 'Unpack the files',
  async run(ctx, io) {
    if (io.host.planning) return;
    if (ctx.args.from) return takeFiles(ctx, io);
    const { files } = await manifestOf(ctx, io);
    const from = backupPaths(ctx.site.server, ctx.args.backup).files;
    await fillFiles(ctx.site, io, async (into) => {
      await io.host.act('stream.load', { from, sha256: files.sha256, into }, liveOf(io));
    });
  },
};

/** Copies the files of a separately installed site, and creates the folders that its CMS would have made here. */
async function takeFiles(ctx: ImportTask, io: StepIo): Promise<void> {
  await fillFiles(ctx.site, io, (into) => giveFiles(ctx, io, into));
  const folders = io.engines.named(ctx.site.platform.engine).ownFolders(ctx.site);
  if (folders.length === 0) return;
  await io.host.act('user.run', { user: ctx.site.handle, file: 'mkdir', args: ['-p', '--', ...folders], cwd: '/' });
}

/** Loads a database of the same kind; rows of an SQLite file are copied into the tables made by the installer. */
const fillDatabase: Step<ImportTask> = {
  name: 'load',
  title: 'Load the database',
  async run(ctx, io) {
    if (io.host.planning) return;
    const { site } = ctx;
    if (ctx.args.from) return loadFound(ctx, io);
    const { database, databaseDriver } = await manifestOf(ctx, io);
    const from = backupPaths(site.server, ctx.args.backup).database;
    const load = async (into: Parameters<typeof io.host.act<'stream.load'>>[1]['into']): Promise<void> => {
      await io.host.act('stream.load', { from, sha256: database.sha256, into }, liveOf(io));
    };
    const driver = io.services.db(site.server);
    if (databaseDriver === driver.name) return load(await driver.load(io.host, site));
    const file = join(sitePaths(site).tmp, 'carried.sqlite');
    await load({
      user: site.handle,
      file: 'dd',
      args: [`of=${file}`, 'bs=1M', 'status=none'],
      cwd: sitePaths(site).tmp,
    });
    await carryRows(site, file, io);
    await io.host.act('user.run', { user: site.handle, file: 'rm', args: ['-f', '--', file], cwd: '/' });
  },
};

/** The platform's code may be newer than the site's. */
const runUpdates: Step<ImportTask> = {
  name: 'updates',
  title: 'Run the database updates of the CMS',
  run: async ({ site }, io) => (io.host.planning ? undefined : updateContent(site, io)),
};

const followContent: Step<ImportTask> = {
  name: 'content',
  title: 'Change addresses in the content',
  async run(ctx, io) {
    if (io.host.planning) return;
    // Before its content is changed.
    const { title = '', url = '', packages = null } = await askHowItIs(ctx.site, io);
    io.report({ title, packages });
    if (ctx.args.from) {
      return letContentFollow(ctx.site, { uri: await oldNameOf(ctx, io), url: ctx.args.address || String(url) }, io);
    }
    const { site } = await manifestOf(ctx, io);
    await letContentFollow(ctx.site, site, io);
    if (ctx.site.uri !== site.uri) await renewSecrets(ctx.site, io);
  },
};

type ImportArgs = ImportTask['args'];

/** The facts known about a foreign site before it is read; its first administrator is used for logins. */
const foundSite = ({ platform, client }: ImportArgs): NewSite => ({
  kind: 'site',
  ...{ title: '', profile: '', language: '', adminName: '', adminMail: '', php: {} },
  ...{ platform, client },
});

/** An imported site has the facts of its backup; the inventory keeps as much of them as it needs until then. */
function savedSite(records: Records, uri: string, { backup: name, platform, client }: ImportArgs): NewSite {
  if (!name) {
    const hint = 'Give --backup, or --from with the folder of a site.';
    throw new AegirError('SOURCE_MISSING', 'nothing to import was given', hint, 'backup');
  }
  const backup = records.backup(name);
  if (!backup) throw noSuch('backup', name, 'backup');
  const { title, profile, language, admin, php, aliases = [], web = {} } = backup.site;
  return {
    kind: 'site',
    ...{ title, profile, language, adminName: admin.name, adminMail: admin.mail, php, platform, client },
    bytes: records.unpackedBytes(backup),
    // Under its own name it is the same site as before.
    ...(uri === backup.uri ? { aliases, web } : { web: asCopy(web) }),
  };
}

/**
 * Creates a site from a backup, also from one of a trial, whose SQLite rows are copied to MariaDB; or from a separately
 * installed site, which stays unchanged.
 */
export const siteImport = defineTask({
  type: 'site.import',
  title: 'Import',
  summary: 'Makes a new site from a backup of this or another machine, or from a folder or archive with its database.',
  object: 'site',
  keys: ['I'],
  creates: { row: (records, uri, args) => (args.from ? foundSite(args) : savedSite(records, uri, args)) },
  danger: 'none',
  args,
  timeLimitS: 4 * 3600,
  async validate(ctx, io, problem) {
    await checkNewSite(ctx.site, io, problem, { again: ctx.args.again, movesIn: true });
    if (ctx.args.backup && ctx.args.from) {
      return problem('SOURCE_TWICE', 'both a backup and a folder are given', 'Give --backup or --from.', 'from');
    }
    if (ctx.args.from) return checkFound(ctx, io, problem);
    const manifest = await manifestFor(ctx.site, ctx.args.backup, io, problem);
    if (!manifest) return;
    checkCode(ctx.args.backup, manifest.platform, ctx.site.platform, problem);
    checkDatabase(manifest, ctx.site, io, problem, ['sqlite to mariadb']);
    await checkRoom(ctx.site, io, { copied: heldBy(manifest) }, problem);
  },
  apply: [
    readBackup,
    openArchive,
    countFound,
    makeAccount,
    makeHome,
    makeDatabase,
    unpackFiles,
    keepSettings,
    moveAside,
    writeSettings,
    fillDatabase,
    runUpdates,
    followContent,
    publishSite,
    probeSite,
    measureSite,
  ],
  commit({ site, args: { again } }, result) {
    const title = String(result.title ?? '') || undefined;
    const diskBytes = diskBytesIn(result);
    // The inventory has the current schedules; the kept release was lost with the home.
    const rest = again ? ({ forgetKept: true } as const) : { schedules: schedulesIn(result) };
    return { site: { state: wholeState(site), diskBytes, title, packages: packagesIn(result), ...rest } };
  },
  cleanUp: [linkByName, closeArchive],
});
