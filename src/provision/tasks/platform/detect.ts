import { join } from 'node:path';
import { z } from 'zod';
import { codeTree } from '../../engines/code-tree.ts';
import { type FileBefore, fileBefore, filesBefore, restoreFiles, writeFiles } from '../../host/change-files.ts';
import type { Host } from '../../host/host.ts';
import { type PlatformContext, packageInfo, profile } from '../../model/context.ts';
import { AegirError, type Json } from '../../model/errors.ts';
import { type GeneratedFile, generatedNotice } from '../../model/generated-file.ts';
import { savingStep } from '../model/saved.ts';
import type { StepIo, TaskContexts } from '../model/task.ts';
import { sitesToTake, takeCommand } from '../steps/found-sites.ts';

/** The detected facts, as stored in a task's result. */
export const found = z.object({
  engine: z.string(),
  version: z.string(),
  docroot: z.string(),
  profiles: z.array(profile),
  packages: z.array(packageInfo),
});

/** Detects the engine of a folder that came from `source`. Throws `CMS_UNKNOWN`, `CMS_CONFIGURED`. */
export async function detectPlatform(
  { host, engines }: Pick<StepIo, 'host' | 'engines'>,
  root: string,
  source: string,
): Promise<z.infer<typeof found>> {
  const detected = await engines.detect(codeTree(host, root));
  if (!detected) {
    const looked = engines.list.map((engine) => `${engine.looksFor} (${engine.title})`).join('; ');
    throw new AegirError(
      'CMS_UNKNOWN',
      `${source} contains no CMS that this program knows`,
      `Looked for: ${looked}.`,
      'from',
    );
  }
  const { engine, detection } = detected;
  if (detection.configuredSite !== undefined) {
    throw new AegirError(
      'CMS_CONFIGURED',
      `${source} is a configured site of its own (${detection.configuredSite})`,
      `A platform is code alone. Such a site is taken over by: aegir site import URI --platform P --from ${source.replace(/^path:/, '')}`,
      'from',
    );
  }
  const { version, docroot, profiles, packages } = detection;
  return { engine: engine.name, version, docroot, profiles, packages };
}

/** A platform's context, completed with the facts just detected. */
export function platformFrom(platform: PlatformContext, result: Readonly<Record<string, Json>>): PlatformContext {
  const { engine, version, docroot, profiles } = found.parse(result);
  return { ...platform, engine, version, docroot, profiles };
}

/**
 * Writes the files and folders with which many sites share a platform. Foreign files are not replaced. Throws
 * `PLATFORM_FILE_TAKEN`.
 */
export const shareStep = savingStep<TaskContexts['platform'], FileBefore[]>({
  name: 'share',
  title: 'Write the files that let sites share it',
  saved: z.array(fileBefore),
  async run(ctx, io) {
    // A dry run has fetched nothing, so nothing can be shared.
    if (io.host.planning && io.result.engine === undefined) return;
    const platform = platformFrom(ctx.platform, io.result);
    const engine = io.engines.named(platform.engine);
    const own = engine.platformFiles(platform);
    const folders = engine.platformFolders(platform);
    if (own.length === 0 && folders.length === 0) return io.notNeeded(`${engine.title} needs none`);
    const files = platform.managed ? own : [...(await keepForeign(io.host, own, engine.distributionMark)), ...own];
    io.save(await filesBefore(io.host, files));
    for (const path of folders) {
      if ((await io.host.stat(path)) === undefined)
        await io.host.act('folder.make', { path, owner: 'root', group: 'root', mode: 0o755 });
    }
    await writeFiles(io.host, files);
  },
  undo: (_ctx, io, saved) => restoreFiles(io.host, saved),
});

/** Foreign files in the place of ours, with the names under which they are kept. Throws `PLATFORM_FILE_TAKEN`. */
async function keepForeign(host: Host, files: GeneratedFile[], distributionMark: string): Promise<GeneratedFile[]> {
  const kept: GeneratedFile[] = [];
  for (const { path, keep, ...file } of files) {
    const present = await host.readText(path);
    if (present === undefined || present.includes(generatedNotice) || present.includes(distributionMark)) continue;
    if (keep === undefined || (await host.stat(keep))) {
      throw new AegirError(
        'PLATFORM_FILE_TAKEN',
        `${path} exists already and is not ours`,
        'Move it away: sites that share the code need a file of that name.',
        'from',
      );
    }
    kept.push({ ...file, path: keep, text: present });
  }
  return kept;
}

/** Logs the foreign sites in a code base, and how each can be imported. */
export async function tellSites(
  platform: Pick<PlatformContext, 'name' | 'root'>,
  { engine, docroot }: Pick<z.infer<typeof found>, 'engine' | 'docroot'>,
  io: Pick<StepIo, 'host' | 'engines' | 'log' | 'report'>,
): Promise<void> {
  const sites = await sitesToTake(io.host, io.engines.named(engine), join(platform.root, docroot));
  io.report({ foundSites: sites.map(({ folder, name }) => ({ folder, name })) });
  for (const site of sites) {
    io.log(
      'info',
      `${site.folder || 'the folder itself'} is a foreign site; to import it: ${takeCommand(platform, site)}`,
    );
  }
}
