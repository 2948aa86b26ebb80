import { join } from 'node:path';
import { z } from 'zod';
import { filesBefore, putBack, writeFiles, type FileBefore } from '../change-files.ts';
import { packageInfo, type PlatformContext, profile, serverPaths } from '../context.ts';
import { codeTree, detectEngine, engines } from '../engines/registry.ts';
import { engineNamed } from '../engines/registry.ts';
import { AegirError, type Json } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { parseSource, sourceNamed } from '../sources/source.ts';
import { defineTask, type TaskContext } from '../task.ts';
import { fieldInfo } from './fields.ts';

const args = z.object({
  from: z.string().min(1).register(fieldInfo, {
    title: 'Source',
    help: 'path:DIR, debian:PACKAGE[/SUITE] or archive:FILE-or-URL.',
    example: 'debian:wordpress',
  }),
  sha256: z
    .string()
    .regex(/^([0-9a-f]{64})?$/i, 'a SHA-256 sum has 64 hexadecimal digits')
    .default('')
    .register(fieldInfo, {
      title: 'Checksum',
      help: 'SHA-256 of the archive; it is refused when it differs.',
      advanced: true,
    }),
});
export type PlatformAddArgs = z.infer<typeof args>;

/** What detection found, as it travels in the result. */
const found = z.object({
  engine: z.string(),
  version: z.string(),
  docroot: z.string(),
  profiles: z.array(profile),
  packages: z.array(packageInfo),
});
type Found = z.infer<typeof found>;

type AddContext = TaskContext<'platform', PlatformAddArgs>;

/** Fetches a code base, finds out which CMS it holds, and makes it a platform. */
export const platformAdd = defineTask({
  type: 'platform.add',
  title: 'Add',
  summary: 'Fetches the code of a CMS, or takes a folder in place, so that sites can be installed on it.',
  object: 'platform',
  creates: true,
  danger: 'none',
  args,
  timeLimitS: 3600,
  async validate({ args: { from, sha256 }, platform }, io, problem) {
    const source = parseSource(from);
    await sourceNamed(source.kind).check(io.host, source, { sha256 }, problem);
    if (platform.managed && (await io.host.stat(platform.root))) {
      problem('FOLDER_EXISTS', `${platform.root} exists already`, 'Move it away, or add it with path:.', 'name');
    }
  },
  apply: [
    {
      name: 'fetch',
      title: 'Fetch the code',
      async run(ctx, io) {
        if (!ctx.platform.managed) return;
        const folder = staging(ctx);
        io.save({ folder });
        await io.host.act('tree.remove', { path: folder });
        await io.host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o755 });
        const source = parseSource(ctx.args.from);
        await sourceNamed(source.kind).fetch(io.host, source, folder, { sha256: ctx.args.sha256 }, io);
        await io.host.act('tree.seal', { path: folder });
      },
      async undo(_ctx, io, saved) {
        await io.host.act('tree.remove', { path: (saved as { folder: string }).folder });
      },
    },
    {
      name: 'detect',
      title: 'Find out which CMS it is',
      async run(ctx, io) {
        const root = ctx.platform.managed ? staging(ctx) : ctx.platform.root;
        // Nothing was fetched in a dry run, so there is nothing to look at.
        if (io.host.planning && ctx.platform.managed) return;
        const detection = await detect(io.host, root, ctx.args.from);
        io.report(detection as unknown as Record<string, Json>);
        io.log('info', `${engineNamed(detection.engine).title} ${detection.version}, ${detection.packages.length} packages`);
      },
    },
    {
      name: 'name',
      title: 'Give it its folder',
      async run(ctx, io) {
        if (!ctx.platform.managed) return;
        io.save({ folder: ctx.platform.root });
        await io.host.act('tree.rename', { from: staging(ctx), to: ctx.platform.root });
      },
      async undo(_ctx, io, saved) {
        await io.host.act('tree.remove', { path: (saved as { folder: string }).folder });
      },
    },
    {
      name: 'share',
      title: 'Write the files that let sites share it',
      async run(ctx, io) {
        if (io.host.planning && ctx.platform.managed) return;
        const platform = platformFrom(ctx.platform, io.result);
        const files = engineNamed(platform.engine).platformFiles(platform);
        io.save((await filesBefore(io.host, files)) as unknown as Json);
        await writeFiles(io.host, files);
      },
      async undo(_ctx, io, saved) {
        await putBack(io.host, saved as unknown as FileBefore[]);
      },
    },
  ],
  commit(_ctx, result) {
    const { engine, version, docroot, profiles, packages } = found.parse(result);
    return { platform: { state: 'ready', engine, version, docroot, profiles, packages } };
  },
  cleanUp: [],
});

/** Detects the engine of a folder. Throws `CMS_UNKNOWN`, `CMS_CONFIGURED`. */
export async function detect(host: Host, root: string, source: string): Promise<Found> {
  const detected = await detectEngine(codeTree(host, root));
  if (!detected) {
    const looked = engines.map((engine) => `${engine.looksFor} (${engine.title})`).join(', ');
    throw new AegirError('CMS_UNKNOWN', `${source} holds no CMS that this program knows`, `Looked for ${looked}.`, 'from');
  }
  const { engine, detection } = detected;
  if (detection.configuredSite !== undefined) {
    throw new AegirError(
      'CMS_CONFIGURED',
      `${source} is a configured site of its own (${detection.configuredSite})`,
      'A platform is code alone. To adopt the site use: site import.',
      'from',
    );
  }
  const { version, docroot, profiles, packages } = detection;
  return { engine: engine.name, version, docroot, profiles, packages };
}

/** A platform's context completed by what detection has just reported. */
export function platformFrom(platform: PlatformContext, result: Readonly<Record<string, Json>>): PlatformContext {
  const { engine, version, docroot, profiles } = found.parse(result);
  return { ...platform, engine, version, docroot, profiles };
}

const staging = (ctx: AddContext): string => join(serverPaths(ctx.server).platforms, `.new-${ctx.platform.name}`);

