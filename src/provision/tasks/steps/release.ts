import { dirname, join } from 'node:path';
import { writeFiles } from '../../change-files.ts';
import { type SiteContext, sitePaths } from '../../context.ts';
import { engineNamed } from '../../engines/registry.ts';
import type { Host } from '../../host/host.ts';
import type { UserWords } from '../../host/root-acts.ts';
import { backupPaths, readManifest } from '../../manifest.ts';
import { dbDriver } from '../../services/registry.ts';
import type { Step, StepIo, TaskContext, TaskContexts } from '../../task.ts';
import { type OwnedFolder, siteFolders } from './folders.ts';
import { liveOf, unpacking } from './pack.ts';
import { publishCommitted } from './publish.ts';
import { settingsOf } from './settings.ts';

type SiteTask = TaskContexts['site'];
type FromBackup = TaskContext<'site', { backup: string }>;

/** The sets that all releases of a site share. */
const sets = ['files', 'private', 'extensions'] as const;

/** The site with the release that comes after those there are, on the platform that is asked for or the same. */
export function nextRelease({ site, target }: Pick<SiteTask, 'site' | 'target'>): SiteContext {
  const number = Math.max(site.release.number, site.kept?.number ?? 0) + 1;
  const release = { number, database: `${site.handle}r${number}` };
  return { ...site, release, platform: target ?? site.platform };
}

/** Where what a backup holds is unpacked, and where what it replaces waits for its removal; root's. */
const incoming = (site: SiteContext): string => join(sitePaths(site).home, 'incoming');
const replaced = (site: SiteContext): string => join(sitePaths(site).home, 'replaced');

/** Makes the folders of the next release beside the one of now. Undo removes them. */
export const makeRelease: Step<SiteTask> = {
  name: 'release',
  title: 'Make the next release beside this one',
  async run(ctx, io) {
    io.save({});
    const next = nextRelease(ctx);
    const { release, config } = sitePaths(next);
    // What `config` holds comes with the backup.
    const own = ({ path }: OwnedFolder): boolean =>
      (path === release || path.startsWith(`${release}/`)) && path !== config;
    for (const folder of siteFolders(next).filter(own)) await io.host.act('folder.make', folder);
  },
  async undo(ctx, io) {
    await io.host.act('tree.remove', { path: sitePaths(nextRelease(ctx)).release, as: ctx.site.handle });
  },
};

/** Makes the database of the next release and fills it. Undo drops it. */
export const loadDatabase: Step<FromBackup> = {
  name: 'load',
  title: 'Load the database',
  async run(ctx, io) {
    io.save({});
    const { site, args } = ctx;
    const next = nextRelease(ctx);
    const driver = dbDriver(site.server);
    await driver.dropDatabase(io.host, next);
    await driver.make(io.host, next);
    if (io.host.planning) return;
    const { database } = await readManifest(io.host, site.server, args.backup);
    const from = backupPaths(site.server, args.backup).database;
    await io.host.act(
      'stream.load',
      { from, sha256: database.sha256, into: await driver.load(io.host, next) },
      liveOf(io),
    );
  },
  undo: (ctx, io) => dbDriver(ctx.site.server).dropDatabase(io.host, nextRelease(ctx)),
};

/** Unpacks the files beside those of now. Undo removes them. */
export const unpackFiles: Step<FromBackup> = {
  name: 'unpack',
  title: 'Unpack the files beside those of now',
  async run(ctx, io) {
    io.save({});
    const { site, args } = ctx;
    const folder = incoming(site);
    await io.host.act('tree.remove', { path: folder, as: site.handle });
    // The site's user opens it and makes nothing in it but in the sets, which are its own.
    await io.host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o755 });
    for (const set of incomingSets(site)) await io.host.act('folder.make', set);
    if (io.host.planning) return;
    const { files } = await readManifest(io.host, site.server, args.backup);
    const from = backupPaths(site.server, args.backup).files;
    await io.host.act('stream.load', { from, sha256: files.sha256, into: unpacking(site, folder) }, liveOf(io));
    await io.host.act('tree.rename', { from: join(folder, 'config'), to: sitePaths(nextRelease(ctx)).config });
  },
  async undo({ site }, io) {
    await io.host.act('tree.remove', { path: incoming(site), as: site.handle });
  },
};

/**
 * Fills the sets and `config` of a new site, whose own are empty, with what `unpack` is given to unpack. The folders
 * lie beside them until all is there.
 */
export async function fillFiles(
  site: SiteContext,
  io: StepIo,
  unpack: (into: UserWords) => Promise<void>,
): Promise<void> {
  const folder = incoming(site);
  const paths = sitePaths(site);
  await io.host.act('tree.remove', { path: folder, as: site.handle });
  await io.host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o755 });
  for (const set of incomingSets(site)) await io.host.act('folder.make', set);
  await unpack(unpacking(site, folder));
  for (const [path, name] of [...sets.map((set) => [paths[set], set] as const), [paths.config, 'config'] as const]) {
    await io.host.act('tree.remove', { path, as: site.handle });
    await io.host.act('tree.rename', { from: join(folder, name), to: path });
  }
  await io.host.act('tree.remove', { path: folder, as: site.handle });
  for (const owned of siteFolders(site)) await io.host.act('folder.make', owned);
}

/** Writes the settings of the next release, with the keys and own lines that the backup has kept. */
export const settleRelease: Step<FromBackup> = {
  name: 'settings',
  title: 'Write the settings of the next release',
  async run(ctx, io) {
    const { site, args } = ctx;
    const next = nextRelease(ctx);
    const { settings } = io.host.planning ? { settings: {} } : await readManifest(io.host, site.server, args.backup);
    const kept: Record<string, string> = settings;
    const files = settingsOf(next).map((file) => {
      const text = file.once ? kept[file.path.slice(file.path.lastIndexOf('/') + 1)] : undefined;
      return text === undefined ? file : { ...file, text };
    });
    await writeFiles(io.host, files);
    for (const link of linksOf(next, true)) await io.host.act('link.make', { ...link });
  },
};

/** Puts the files of the backup in the place of those of now: a rename each, done twice it ends as done once. */
export const swapFiles: Step<SiteTask> = {
  name: 'swap',
  title: 'Put the files in their place',
  async run(ctx, io) {
    const { site } = ctx;
    const data = dirname(sitePaths(site).files);
    await io.host.act('folder.make', { path: replaced(site), owner: 'root', group: 'root', mode: 0o711 });
    for (const set of sets) {
      const [from, to, away] = [join(incoming(site), set), join(data, set), join(replaced(site), set)];
      if (!(await io.host.stat(from))) continue;
      if (!(await io.host.stat(away))) await io.host.act('tree.rename', { from: to, to: away });
      await io.host.act('tree.rename', { from, to });
    }
    for (const folder of siteFolders(nextRelease(ctx))) await io.host.act('folder.make', folder);
  },
};

/** Leads visitors to the next release: links of the platform, then pool and vhost with one reload. */
export const switchRelease: Step<SiteTask> = {
  name: 'switch',
  title: 'Switch to the next release',
  async run(ctx, io) {
    const next = nextRelease(ctx);
    for (const link of linksOf(next, false)) await io.host.act('link.make', { ...link });
    await publishCommitted.run({ site: next }, io);
  },
};

/** Removes what the switch has left behind: the files that were replaced, the old release and its database. */
export const removeReplaced: Step<SiteTask> = {
  name: 'tidy',
  title: 'Remove what was replaced',
  async run(ctx, io) {
    const { site } = ctx;
    await removeTrees(io.host, site, [replaced(site), incoming(site), sitePaths(site).release]);
    await dbDriver(site.server).dropDatabase(io.host, site);
    const used = linksOf(nextRelease(ctx), false).map(({ path }) => path);
    for (const { path } of linksOf(site, false)) if (!used.includes(path)) await io.host.act('link.remove', { path });
  },
};

async function removeTrees(host: Host, site: SiteContext, paths: string[]): Promise<void> {
  for (const path of paths) await host.act('tree.remove', { path, as: site.handle });
}

/** The links by which the CMS finds a release: those in its own folder, or those in the platform. */
export const linksOf = (site: SiteContext, within: boolean) =>
  engineNamed(site.platform.engine)
    .links(site)
    .filter(({ path }) => path.startsWith(`${sitePaths(site).release}/`) === within);

/** The folders that the archive is unpacked into, owned as those that they will replace. */
function incomingSets(site: SiteContext): OwnedFolder[] {
  const paths = sitePaths(site);
  const folder = incoming(site);
  const owned = siteFolders(site);
  return [...sets.map((set) => [paths[set], set] as const), [paths.config, 'config'] as const].flatMap(([path, name]) =>
    owned.filter((one) => one.path === path).map((one) => ({ ...one, path: join(folder, name) })),
  );
}
