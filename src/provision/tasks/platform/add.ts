import { join } from 'node:path';
import { z } from 'zod';
import { phpBranches, serverPaths, withPhp } from '../../model/context.ts';
import { describeError, type ErrorDocument } from '../../model/errors.ts';
import type { Problem } from '../../model/work-io.ts';
import { phpFor, phpNeeded, supports } from '../checks/php.ts';
import { checkSpace } from '../checks/space.ts';
import { fieldInfo } from '../model/fields.ts';
import { resultPart, savingStep } from '../model/saved.ts';
import { defineTask, type StepIo, type TaskContext } from '../model/task.ts';
import { fetchAdditions } from './additions.ts';
import { detectPlatform, found, shareStep, tellSites } from './detect.ts';

const args = z.object({
  from: z.string().min(1).register(fieldInfo, {
    title: 'Source',
    help: 'path:DIR, debian:PACKAGE[/SUITE], archive:FILE-or-URL, npm:PACKAGE@VERSION, git:URL[#REF] or composer:PACKAGE[:VERSION].',
    example: 'debian:wordpress',
  }),
  sha256: z
    .string()
    .regex(/^([0-9a-f]{64})?$/i, 'a SHA-256 sum has 64 hexadecimal digits')
    .default('')
    .register(fieldInfo, {
      title: 'Checksum',
      help: 'SHA-256 checksum of the archive; an archive with another one is refused.',
      advanced: true,
    }),
  php: z
    .string()
    .regex(/^(\d+\.\d+)?$/, 'a branch of PHP is written like 8.4')
    .default('')
    .register(fieldInfo, {
      title: 'PHP',
      help: 'Version of PHP that runs the platform and its sites, of those on the server. Default: the newest that the CMS supports.',
      choices: 'phps',
      example: '8.4',
      advanced: true,
    }),
  again: z.boolean().default(false).register(fieldInfo, {
    title: 'Again',
    help: 'Fetches the code again for a known platform whose folder is missing.',
    advanced: true,
  }),
});
export type PlatformAddArgs = z.infer<typeof args>;

type AddContext = TaskContext<'platform', PlatformAddArgs>;

const phpChosen = resultPart('php', z.string());

/** What builds a platform runs on the PHP that will run it. */
function phpCommand({ server, args }: AddContext, { services }: Pick<StepIo, 'services'>): string[] {
  const its = withPhp(server, args.php);
  return services.php(its).commandLine(its);
}

const USED_IN_PLACE = 'the folder is used where it is';

/** Fetches a code base, detects its CMS, and registers it as a platform. */
export const platformAdd = defineTask({
  type: 'platform.add',
  title: 'Add',
  summary: 'Fetches the code of a CMS, or uses a folder where it is, so that sites can be installed on it.',
  object: 'platform',
  keys: ['n'],
  footer: 3,
  leavesServices: true,
  creates: { row: (_records, _name, { from }) => ({ kind: 'platform', source: from }) },
  danger: 'none',
  args,
  timeLimitS: 3600,
  async validate({ args: { from, sha256, php }, platform, server }, io, problem) {
    const branches = phpBranches(server.services);
    if (php !== '' && !branches.includes(php))
      problem('PHP_MISSING', `the server has no PHP ${php}`, `It has: ${branches.join(', ')}.`, 'php');
    const source = io.sources.parse(from);
    const found: Parameters<Problem>[] = [];
    await io.sources.of(source).check(io.host, source, { sha256 }, (...words) => found.push(words));
    const isThere = !found.some(([code]) => code === 'FOLDER_MISSING' || code === 'FOLDER_EMPTY');
    const unknown = source.inPlace && isThere ? await whatIsWrong(io, source.inPlace) : undefined;
    // Nobody should be told to give a folder to root that contains no code.
    if (unknown) problem(unknown.code, unknown.message, unknown.hint, 'from');
    else for (const words of found) problem(...words);
    if (!platform.managed) return;
    await checkSpace(io, serverPaths(server).platforms, 'the code of a CMS', problem);
    if (await io.host.stat(platform.root)) {
      problem('FOLDER_EXISTS', `${platform.root} exists already`, 'Move it away, or add it with path:.', 'name');
    }
  },
  apply: [
    savingStep<AddContext, { folder: string }>({
      name: 'fetch',
      title: 'Fetch the code',
      saved: z.object({ folder: z.string() }),
      async run(ctx, io) {
        if (!ctx.platform.managed) return io.notNeeded(USED_IN_PLACE);
        const folder = staging(ctx);
        io.save({ folder });
        await io.host.act('tree.remove', { path: folder });
        await io.host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o755 });
        const source = io.sources.parse(ctx.args.from);
        const options = { sha256: ctx.args.sha256, php: phpCommand(ctx, io) };
        await io.sources.of(source).fetch(io.host, source, folder, options, io);
        await io.host.act('tree.seal', { path: folder });
      },
      async undo(_ctx, io, { folder }) {
        await io.host.act('tree.remove', { path: folder });
      },
    }),
    {
      name: 'detect',
      title: 'Find out which CMS it is',
      async run(ctx, io) {
        const root = ctx.platform.managed ? staging(ctx) : ctx.platform.root;
        // A dry run has fetched nothing, so there is nothing to detect.
        if (io.host.planning && ctx.platform.managed) return;
        const detection = await detectPlatform(io, root, ctx.args.from);
        const engine = io.engines.named(detection.engine);
        io.report({ ...detection });
        io.log('info', `${engine.title} ${detection.version}, ${detection.packages.length} packages`);
        const php = phpFor(ctx.server, engine, ctx.args.php);
        phpChosen.report(io, php);
        if (!supports(engine, php)) io.log('warning', `no PHP of this server runs it: ${phpNeeded(engine)}`);
        else if (phpBranches(ctx.server.services).length > 1) io.log('info', `PHP ${php} runs it`);
        if (!ctx.platform.managed) await tellSites(ctx.platform, detection, io);
      },
    },
    savingStep<AddContext, string[]>({
      name: 'complete',
      title: 'Fetch what else its sites need',
      saved: z.array(z.string()),
      async run(ctx, io) {
        if (io.host.planning && io.result.engine === undefined) return;
        await fetchAdditions(ctx, ctx.platform.managed ? staging(ctx) : ctx.platform.root, io);
      },
      async undo(_ctx, io, folders) {
        for (const folder of folders) await io.host.act('tree.remove', { path: folder });
      },
    }),
    savingStep<AddContext, { folder: string }>({
      name: 'name',
      title: 'Move it into its folder',
      saved: z.object({ folder: z.string() }),
      async run(ctx, io) {
        if (!ctx.platform.managed) return io.notNeeded(USED_IN_PLACE);
        io.save({ folder: ctx.platform.root });
        await io.host.act('tree.rename', { from: staging(ctx), to: ctx.platform.root });
      },
      async undo(_ctx, io, { folder }) {
        await io.host.act('tree.remove', { path: folder });
      },
    }),
    shareStep,
  ],
  commit(_ctx, result) {
    const { engine, version, docroot, profiles, packages } = found.parse(result);
    return {
      platform: { state: 'ready', engine, version, docroot, profiles, packages, php: phpChosen.in(result) ?? '' },
    };
  },
  cleanUp: [],
});

async function whatIsWrong(io: StepIo, root: string): Promise<ErrorDocument | undefined> {
  try {
    await detectPlatform(io, root, root);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}

const staging = (ctx: AddContext): string => join(serverPaths(ctx.server).platforms, `.new-${ctx.platform.name}`);
