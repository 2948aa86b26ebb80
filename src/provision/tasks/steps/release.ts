import { join } from 'node:path';
import type { Host } from '../../host/host.ts';
import type { UserCommand } from '../../host/root-acts.ts';
import { onPlatform, type SiteContext, sitePaths } from '../../model/context.ts';
import type { Step, StepIo, TaskContexts } from '../model/task.ts';
import { type OwnedFolder, siteFolders } from './folders.ts';
import { unpacking } from './pack.ts';
import { publishCommitted } from './publish.ts';

type SiteTask = TaskContexts['site'];

/** The file sets that all releases of a site share. */
const sets = ['files', 'private', 'extensions'] as const;

/** The site with its next release, on the requested platform or its own. */
export function nextRelease({ site, target }: Pick<SiteTask, 'site' | 'target'>): SiteContext {
  const number = Math.max(site.release.number, site.kept?.number ?? 0) + 1;
  const release = { number, database: `${site.handle}r${number}` };
  return onPlatform({ ...site, release }, target ?? site.platform);
}

/** Where a backup is unpacked, and where replaced files wait for their removal; root's. */
export const incoming = (site: SiteContext): string => join(sitePaths(site).home, 'incoming');
const replaced = (site: SiteContext): string => join(sitePaths(site).home, 'replaced');

/** Creates the folders of the next release beside the current one. Undo removes them. */
export const makeRelease: Step<SiteTask> = {
  name: 'release',
  title: 'Make the next release beside this one',
  async run(ctx, io) {
    io.save({});
    const next = nextRelease(ctx);
    const { release, config } = sitePaths(next);
    // The content of `config` comes from the backup.
    const own = ({ path }: OwnedFolder): boolean =>
      (path === release || path.startsWith(`${release}/`)) && path !== config;
    for (const folder of siteFolders(io, next).filter(own)) await io.host.act('folder.make', folder);
  },
  async undo(ctx, io) {
    await io.host.act('tree.remove', { path: sitePaths(nextRelease(ctx)).release, as: ctx.site.handle });
  },
};

/**
 * Fills the empty file sets and `config` of a new site with what `unpack` unpacks. The folders are swapped in when they
 * are complete.
 */
export async function fillFiles(
  site: SiteContext,
  io: StepIo,
  unpack: (into: UserCommand) => Promise<void>,
): Promise<void> {
  const folder = incoming(site);
  const paths = sitePaths(site);
  await io.host.act('tree.remove', { path: folder, as: site.handle });
  await io.host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o755 });
  for (const set of incomingSets(io, site)) await io.host.act('folder.make', set);
  await unpack(unpacking(site, folder));
  for (const [path, name] of [...sets.map((set) => [paths[set], set] as const), [paths.config, 'config'] as const]) {
    await io.host.act('tree.remove', { path, as: site.handle });
    await io.host.act('tree.rename', { from: join(folder, name), to: path });
  }
  await io.host.act('tree.remove', { path: folder, as: site.handle });
  for (const owned of siteFolders(io, site)) await io.host.act('folder.make', owned);
}

/** Replaces the current files by those of the backup, with one rename each. Undo renames them back. */
export const swapFiles: Step<SiteTask> = {
  name: 'swap',
  title: 'Put the files in their place',
  async run(ctx, io) {
    const { site } = ctx;
    io.save({});
    await io.host.act('folder.make', { path: replaced(site), owner: 'root', group: 'root', mode: 0o711 });
    for (const { from, to, away } of swapped(site)) {
      if (!(await io.host.stat(from))) continue;
      if (!(await io.host.stat(away))) await io.host.act('tree.rename', { from: to, to: away });
      await io.host.act('tree.rename', { from, to });
    }
    for (const folder of siteFolders(io, nextRelease(ctx))) await io.host.act('folder.make', folder);
  },
  async undo({ site }, io) {
    for (const { from, to, away } of swapped(site)) {
      if (!(await io.host.stat(away))) continue;
      if (await io.host.stat(to)) await io.host.act('tree.rename', { from: to, to: from });
      await io.host.act('tree.rename', { from: away, to });
    }
    await io.host.act('tree.remove', { path: replaced(site), as: site.handle });
  },
};

/** For each file set: where it comes from, where it belongs, and where the current one waits meanwhile. */
const swapped = (site: SiteContext) =>
  sets.map((set) => ({ from: join(incoming(site), set), to: sitePaths(site)[set], away: join(replaced(site), set) }));

/** Switches visitors to the next release: links in the platform, then pool and vhost with one reload. */
export const switchRelease: Step<SiteTask> = {
  name: 'switch',
  title: 'Switch to the next release',
  visitors: 'back',
  async run(ctx, io) {
    const next = nextRelease(ctx);
    for (const link of linksOf(io, next, false)) await io.host.act('link.make', { ...link });
    await publishCommitted.run({ site: next }, io);
  },
};

/** Removes what was replaced: the old files, the old release and its database. */
export const removeReplaced: Step<SiteTask> = {
  name: 'tidy',
  title: 'Remove what was replaced',
  async run(ctx, io) {
    const { site } = ctx;
    await removeTrees(io.host, site, [replaced(site), incoming(site), sitePaths(site).release]);
    await io.services.db(site.server).dropDatabase(io.host, site);
    const used = linksOf(io, nextRelease(ctx), false).map(({ path }) => path);
    for (const { path } of linksOf(io, site, false))
      if (!used.includes(path)) await io.host.act('link.remove', { path });
  },
};

async function removeTrees(host: Host, site: SiteContext, paths: string[]): Promise<void> {
  for (const path of paths) await host.act('tree.remove', { path, as: site.handle });
}

/** The links with which the CMS finds a release: those in its own folder, or those in the platform. */
export const linksOf = ({ engines }: Pick<StepIo, 'engines'>, site: SiteContext, within: boolean) =>
  engines
    .named(site.platform.engine)
    .links(site)
    .filter(({ path }) => path.startsWith(`${sitePaths(site).release}/`) === within);

/** The folders into which the archive is unpacked, owned like those that they will replace. */
export function incomingSets(io: Pick<StepIo, 'engines'>, site: SiteContext): OwnedFolder[] {
  const paths = sitePaths(site);
  const folder = incoming(site);
  const owned = siteFolders(io, site);
  return [...sets.map((set) => [paths[set], set] as const), [paths.config, 'config'] as const].flatMap(([path, name]) =>
    owned.filter((one) => one.path === path).map((one) => ({ ...one, path: join(folder, name) })),
  );
}
