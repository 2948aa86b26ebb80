import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type SiteContext, sitePaths } from '../../../src/provision/model/context.ts';
import type { GeneratedFile } from '../../../src/provision/model/generated-file.ts';
import { nginx } from '../../../src/provision/services/http/nginx.ts';
import { fpm } from '../../../src/provision/services/php/fpm.ts';
import type { Stack } from '../../support/stack.ts';
import { samplePhp, sampleSite, sampleWeb } from './sample-site.ts';

/** A site of the stack with its Unix user and folders, as the tasks make them; nothing is published yet. */
export async function makeSite(
  { host, server }: Stack,
  number: number,
  uri: string,
  changed: Partial<SiteContext> = {},
): Promise<SiteContext> {
  const site = { ...sampleSite(server, number, uri), ...changed };
  const paths = sitePaths(site);
  const { handle } = site;
  await host.act('user.add', { user: handle, uid: site.uid, home: paths.home });
  const folder = (path: string, owner: string, group: string, mode: number) =>
    host.act('folder.make', { path, owner, group, mode });
  for (const path of [paths.home, dirname(paths.files), dirname(paths.release), paths.release]) {
    await folder(path, 'root', 'root', 0o711);
  }
  await folder(paths.files, handle, server.webUser, 0o2750);
  await folder(paths.settings, 'root', handle, 0o750);
  await folder(paths.tmp, handle, handle, 0o700);
  await folder(paths.local, 'root', 'root', 0o755);
  await folder(paths.logs, 'root', server.webUser, 0o750);
  return site;
}

/** The configuration of a site whose engine is the sample. */
export const sampleConfig = (site: SiteContext): GeneratedFile[] => {
  const web = sampleWeb(site);
  const facts = { site, web, php: samplePhp(site) };
  return [...fpm.siteFiles(facts), ...nginx.siteFiles(facts)];
};

/** Writes files below a folder, root's and readable to all, or a site user's when one is named. */
export function writeTree(folder: string, files: Record<string, string>, uid = 0): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, text, { mode: 0o644 });
    if (uid === 0) continue;
    chownSync(path, uid, uid);
    if (dirname(path) !== folder) chownSync(dirname(path), uid, uid);
  }
}
