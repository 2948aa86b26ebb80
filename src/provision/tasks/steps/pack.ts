import { randomBytes } from 'node:crypto';
import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import type { UserCommand } from '../../host/root-acts.ts';
import { together } from '../../host/together.ts';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import type { Json } from '../../model/errors.ts';
import { backupPaths, type Manifest, readBack, savedPart } from '../model/manifest.ts';
import { resultPart, savingStep } from '../model/saved.ts';
import type { NewBackup, Step, StepIo, TaskContexts } from '../model/task.ts';
import { localFiles } from './local-files.ts';
import { settingsOf } from './settings.ts';
import { packagesIn, tryToBoot } from './updates.ts';

type SiteTask = TaskContexts['site'];

const [databaseSaved, filesSaved] = [resultPart('database', savedPart), resultPart('files', savedPart)];

/** Creates the folder of a new backup, named after the site and the time. Undo removes it. */
export const openBackup = savingStep<SiteTask, { name: string }>({
  name: 'backup',
  title: 'Make the folder of the backup',
  saved: z.object({ name: z.string() }),
  async run({ site }, io) {
    const stamp = new Date()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replaceAll(/[:-]/g, '');
    // Keeps two backups within one second apart.
    const name = `${site.uri}-${stamp}-${randomBytes(2).toString('hex')}`;
    io.save({ name });
    io.report({ backup: name });
    const { folder } = backupPaths(site.server, name);
    await io.host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o700 });
  },
  async undo({ site }, io, { name }) {
    await io.host.act('tree.remove', { path: backupPaths(site.server, name).folder });
  },
});

/** The same for a backup that a task makes by itself. */
export const openBackupFor = (description: string): Step<SiteTask> => ({
  ...openBackup,
  run(ctx, io) {
    io.report({ description });
    return openBackup.run(ctx, io);
  },
});

/** Saves one consistent snapshot of the database and, at the same time, the files; caches are left out. */
export const packContent: Step<SiteTask> = {
  name: 'save',
  title: 'Save the database and the files',
  async run({ site }, io) {
    const paths = backupPaths(site.server, nameOf(io));
    const dump = await io.services.db(site.server).dump(io.host, site);
    // A file exists before the row that refers to it, so files are read after the snapshot has begun.
    const snapshot = Promise.withResolvers<void>();
    const [database, files] = await together(liveOf(io), [
      (live) =>
        io.host
          .act(
            'stream.save',
            { from: dump, to: paths.database },
            {
              ...live,
              onProgress: (...progress) => {
                snapshot.resolve();
                live.onProgress?.(...progress);
              },
            },
          )
          .finally(snapshot.resolve),
      async (live) => {
        await snapshot.promise;
        live.signal?.throwIfAborted();
        return io.host.act('stream.save', { from: packing(io, site), to: paths.files }, live);
      },
    ]);
    databaseSaved.report(io, database);
    filesSaved.report(io, files);
    io.log('info', `database: ${megabytes(database.bytes)}, ${megabytes(database.fileBytes)} stored`);
    io.log('info', `files: ${megabytes(files.bytes)}, ${megabytes(files.fileBytes)} stored`);
  },
};

/** Writes the manifest and verifies everything: only a readable backup counts. */
export const sealBackup: Step<SiteTask> = {
  name: 'check',
  title: 'Read the backup back',
  async run({ site }, io) {
    if (io.host.planning) return;
    const [database, files] = [databaseSaved.in(io.result), filesSaved.in(io.result)];
    if (!database || !files) throw new Error('nothing was saved');
    const paths = backupPaths(site.server, nameOf(io));
    await together(liveOf(io), [
      (live) => readBack(io.host, paths, { database, files }, live),
      // A site whose CMS does not run is backed up all the same.
      () => tryToBoot(site, io),
    ]);
    const text = `${JSON.stringify(await manifestOf(site, io, { database, files }), null, 2)}\n`;
    await io.host.act('file.write', { path: paths.manifest, text, mode: 0o600 });
    io.report({ backupBytes: database.fileBytes + files.fileBytes });
  },
};

/** The inventory row of the new backup. */
export const newBackup = (
  site: SiteContext,
  result: Readonly<Record<string, Json>>,
  description: string,
  kind: NewBackup['kind'],
): NewBackup => ({
  name: String(result.backup),
  uri: site.uri,
  platform: site.platform.name,
  engine: site.platform.engine,
  version: site.platform.version,
  description,
  kind,
  site: { ...factsOf(site), filesBytes: (result.files as unknown as Manifest['files']).bytes },
  bytes: Number(result.backupBytes),
});

/** The facts with which a site can be recreated. */
export const factsOf = (site: NewBackup['site']): NewBackup['site'] => {
  const { title, profile, language, admin, php, aliases, web } = site;
  return { title, profile, language, admin, php, aliases, web };
};

/**
 * A command that writes a site's files to stdout as a tar archive: `files`, `private`, `extensions` and the release's
 * `config`.
 */
export function packing({ engines }: Pick<StepIo, 'engines'>, site: SiteContext): UserCommand {
  const { home, release } = sitePaths(site);
  const { caches } = engines.named(site.platform.engine);
  const leaveOut = caches.map((pattern) => `--exclude=data/${pattern}`);
  // Removes the release's number from member names and hard links, but not from link targets.
  const config = relative(home, join(release, 'config'));
  const names = ['--transform=flags=rh;s,^data/,,', `--transform=flags=rh;s,^${config},config,`];
  const options = ['--create', '--file=-', '--blocking-factor=128', '--anchored', ...leaveOut, ...names];
  const sets = ['data/files', 'data/private', 'data/extensions', config];
  // Run inside the home: the site's user can enter its home but not list it.
  return { user: site.handle, file: 'tar', args: [...options, '--', ...sets], cwd: home };
}

/** Unpacks such an archive into a folder of the site, as its user, so that nothing outside can change. */
export const unpacking = (site: SiteContext, into: string): UserCommand => ({
  user: site.handle,
  file: 'tar',
  args: ['--extract', '--file=-', '--no-same-owner', '--delay-directory-restore', `--directory=${into}`],
  cwd: '/',
});

async function manifestOf(
  site: SiteContext,
  io: StepIo,
  parts: Pick<Manifest, 'database' | 'files'>,
): Promise<Manifest> {
  const { uri, aliases, title, profile, language, client, createdAt, admin, php, web, platform } = site;
  return {
    format: 1,
    name: nameOf(io),
    createdAt: new Date().toISOString(),
    description: String((io.result.description as string | undefined) ?? ''),
    site: {
      ...{ uri, aliases, title, profile, language, client, createdAt, admin, php, web },
      home: sitePaths(site).home,
      url: io.services.url(site),
    },
    platform: { name: platform.name, engine: platform.engine, version: platform.version, source: platform.source },
    databaseDriver: io.services.db(site.server).name,
    packages: packagesIn(io.result) ?? [],
    ...parts,
    settings: await keptSettings(io, site),
    local: await localFiles(io.host, site),
    schedules: site.schedules,
    foreign: false,
  };
}

/** Settings files that are created once or belong to people; root reads its own files. */
export async function keptSettings(
  io: Pick<StepIo, 'host' | 'engines' | 'services'>,
  site: SiteContext,
): Promise<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const { path, once } of settingsOf(io, site)) {
    const text = once ? await io.host.readText(path, 1024 * 1024) : undefined;
    if (text !== undefined) kept[basename(path)] = text;
  }
  return kept;
}

const nameOf = ({ result }: StepIo): string => String(result.backup);

/** Options for streams: cancel, log lines, progress in bytes. */
export const liveOf = ({ signal, line, progress }: StepIo) => ({ signal, onLine: line, onProgress: progress });

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
