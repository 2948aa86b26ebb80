import { basename } from 'node:path';
import { z } from 'zod';
import type { SiteLink } from '../../engines/engine.ts';
import { fileBefore, filesBefore, restoreFiles, writeFiles } from '../../host/change-files.ts';
import type { Host } from '../../host/host.ts';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import type { GeneratedFile } from '../../model/generated-file.ts';
import { savingStep } from '../model/saved.ts';
import type { Step, StepIo, TaskContexts } from '../model/task.ts';

type SiteTask = TaskContexts['site'];
type SettingsIo = Pick<StepIo, 'engines' | 'services'>;

/** The reason why no links are created in a platform. */
export const NO_LINKS = 'its CMS is found without links';

/** The settings files of a site, from the inventory. */
export const settingsOf = ({ engines, services }: SettingsIo, site: SiteContext): GeneratedFile[] =>
  engines.named(site.platform.engine).settings(site, services.served(site));

/** The same, with saved content instead of newly generated files. */
export const settingsWith = (
  io: SettingsIo,
  site: SiteContext,
  kept: Readonly<Record<string, string>>,
): GeneratedFile[] =>
  settingsOf(io, site).map((file) => {
    const text = file.once ? kept[basename(file.path)] : undefined;
    return text === undefined ? file : { ...file, text };
  });

/** Those of such files that belong to people; the others are the site's secrets. */
export const ofPeople = (kept: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(kept).filter(([name]) => name.startsWith('local.')));

const savedSettings = z.object({
  files: z.array(fileBefore),
  /** Former targets of the links; null for links that did not exist, or did not point into the site. */
  links: z.array(z.object({ path: z.string(), target: z.string().nullable() })),
});
type SavedSettings = z.infer<typeof savedSettings>;

/** Writes the settings files and the links with which the CMS finds the site's data. Undo restores both. */
export const writeSettings = savingStep<SiteTask, SavedSettings>({
  name: 'settings',
  title: 'Write the settings',
  saved: savedSettings,
  async run({ site }, io) {
    const files = settingsOf(io, site);
    const links = linksOf(io, site);
    io.save({ files: await filesBefore(io.host, files), links: await linksBefore(io.host, site, links) });
    await writeFiles(io.host, files);
    for (const link of links) await io.host.act('link.make', { ...link });
  },
  async undo(_ctx, io, { files, links }) {
    for (const { path, target } of links) {
      await (target === null ? io.host.act('link.remove', { path }) : io.host.act('link.make', { path, target }));
    }
    await restoreFiles(io.host, files);
  },
});

/** Removes the links outside of the home, in the platform. */
export const removeLinks: Step<SiteTask> = {
  name: 'links',
  title: 'Remove its links from the platform',
  async run({ site }, io) {
    const links = linksOf(io, site);
    if (links.length === 0) return io.notNeeded(NO_LINKS);
    for (const { path } of links) await io.host.act('link.remove', { path });
  },
};

const linksOf = ({ engines }: SettingsIo, site: SiteContext): SiteLink[] =>
  engines.named(site.platform.engine).links(site);

async function linksBefore(host: Host, site: SiteContext, links: SiteLink[]): Promise<SavedSettings['links']> {
  const { home } = sitePaths(site);
  const facts = await Promise.all(links.map(({ path }) => host.stat(path)));
  return links.flatMap(({ path, target }, place) => {
    const before = facts[place]?.target;
    if (before === target) return [];
    return [{ path, target: before?.startsWith(`${home}/`) ? before : null }];
  });
}
