import { dirname } from 'node:path';
import { z } from 'zod';
import type { Host } from '../../host/host.ts';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { savingStep } from '../model/saved.ts';
import type { Step, StepIo, TaskContexts } from '../model/task.ts';

type SiteTask = TaskContexts['site'];

/** A folder with the owner, group and mode that it must have. */
export interface OwnedFolder {
  path: string;
  owner: string;
  group: string;
  mode: number;
}

/**
 * Every folder of a site, parents first, with its owner: the top belongs to root; public files are readable by the web
 * server's group; the rest only by the site. See docs/architecture.md, "File ownership".
 */
export function siteFolders({ engines }: Pick<StepIo, 'engines'>, site: SiteContext): OwnedFolder[] {
  const paths = sitePaths(site);
  const { handle } = site;
  const { webUser } = site.server;
  const roots = (path: string): OwnedFolder => ({ path, owner: 'root', group: 'root', mode: 0o711 });
  const open = (path: string): OwnedFolder => ({ path, owner: handle, group: webUser, mode: 0o2750 });
  const closed = (path: string): OwnedFolder => ({ path, owner: handle, group: handle, mode: 0o700 });
  const fixed = (path: string): OwnedFolder => ({ path, owner: 'root', group: handle, mode: 0o750 });
  const ownedAs = { public: open, private: closed, fixed };
  return [
    roots(paths.home),
    roots(dirname(paths.files)),
    open(paths.files),
    closed(paths.private),
    open(paths.extensions),
    roots(dirname(paths.release)),
    roots(paths.release),
    fixed(paths.settings),
    closed(paths.config),
    closed(paths.tmp),
    // A pool's lines may contain a key for the site (`env[...]`), and the web server reads passwords here.
    { path: paths.local, owner: 'root', group: webUser, mode: 0o750 },
    { path: paths.logs, owner: 'root', group: webUser, mode: 0o750 },
    ...engines
      .named(site.platform.engine)
      .folders(site)
      .map(({ path, kind }) => ownedAs[kind](path)),
  ];
}

/** Creates a site's folders, or corrects owner and mode of existing ones. Returns how many were created. */
export async function makeSiteFolders(io: Pick<StepIo, 'host' | 'engines'>, site: SiteContext): Promise<number> {
  let made = 0;
  for (const folder of siteFolders(io, site)) {
    if ((await io.host.act('folder.make', folder)).made) made += 1;
  }
  return made;
}

/** Creates the home, its folders, and the folders for logs and local files. Undo removes those that it created. */
export const makeHome = savingStep<SiteTask, { existed: boolean }>({
  name: 'home',
  title: 'Make the home and its folders',
  saved: z.object({ existed: z.boolean() }),
  async run({ site }, io) {
    const existed = (await io.host.stat(sitePaths(site).home)) !== undefined;
    io.save({ existed });
    await makeSiteFolders(io, site);
  },
  async undo({ site }, io, { existed }) {
    if (!existed) await removeSiteFolders(io.host, site);
  },
});

/** Removes the home, the logs and the local files. */
export const removeHome: Step<SiteTask> = {
  name: 'home',
  title: 'Remove the home, its logs and local files',
  run: ({ site }, io) => removeSiteFolders(io.host, site),
};

async function removeSiteFolders(host: Host, site: SiteContext): Promise<void> {
  const { home, local, logs } = sitePaths(site);
  // Files that the site's user can write are removed as that user; root never traverses them.
  await host.act('tree.remove', { path: home, as: site.handle });
  await host.act('tree.remove', { path: local });
  await host.act('tree.remove', { path: logs });
}
