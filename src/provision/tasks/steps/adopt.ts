import { basename, join, relative } from 'node:path';
import { z } from 'zod';
import { codeTree } from '../../engines/code-tree.ts';
import type { Host } from '../../host/host.ts';
import { type SiteContext, serverPaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import type { Problem } from '../../model/work-io.ts';
import { checkCode } from '../checks/backup.ts';
import { checkRoom } from '../checks/space.ts';
import { savingStep } from '../model/saved.ts';
import type { Step, StepIo, TaskContext } from '../model/task.ts';
import { adoptedParts, adoptedSettings } from './adopted-parts.ts';
import type { Found } from './found.ts';
import { ASIDE, chooseSite, settingsThere, sitesThere } from './found-sites.ts';
import { liveOf } from './pack.ts';

/** The location of a separately installed site, and its dump if its database should not be read. */
export interface FoundPlace {
  from: string;
  dump: string;
  /** Its folder, if there are several sites; '' if only one is possible. */
  site: string;
}
type AdoptTask = TaskContext<'site', FoundPlace>;

/** Where an archive is unpacked until its site is imported; root's. */
const staging = (site: SiteContext): string => join(serverPaths(site.server).cache, `adopt-${site.handle}`);

/** Unpacks an archive. Undo removes it. */
export const openArchive: Step<AdoptTask> = {
  name: 'open',
  title: 'Open the archive',
  async run({ site, args }, io) {
    if (args.from === '') return io.notNeeded('it is made of a backup');
    if ((await io.host.stat(args.from))?.kind === 'folder') return io.notNeeded('it is a folder');
    io.save({});
    const to = staging(site);
    await io.host.act('tree.remove', { path: to });
    await io.host.act('folder.make', { path: to, owner: 'root', group: 'root', mode: 0o700 });
    await io.host.act('source.unpack', { archive: args.from, to }, { signal: io.signal, onLine: io.line });
  },
  undo: (ctx, io) => closeArchive.run(ctx, io),
};

/** Removes the unpacked archive. */
export const closeArchive: Step<AdoptTask> & Required<Pick<Step<AdoptTask>, 'run'>> = {
  name: 'close',
  title: 'Remove what was unpacked',
  async run({ site }, io) {
    const path = staging(site);
    if ((await io.host.stat(path)) === undefined) return io.notNeeded('nothing was');
    await io.host.act('tree.remove', { path });
  },
};

/** Reports what prevents the import of a site's folder; an archive is checked after it is unpacked. */
export async function checkFound({ site, args }: AdoptTask, io: StepIo, problem: Problem): Promise<void> {
  const kind = (await io.host.stat(args.from))?.kind;
  if (kind === undefined) {
    return problem(
      'FILE_MISSING',
      `there is no ${args.from}`,
      'Give the folder of the site, or an archive of it.',
      'from',
    );
  }
  if (args.dump !== '' && (await io.host.stat(args.dump))?.kind !== 'file') {
    problem('FILE_MISSING', `there is no file ${args.dump}`, 'Give an SQL dump.', 'dump');
  }
  if (io.services.db(site.server).name !== 'mariadb') {
    problem('DATABASE_UNFIT', 'a dump of MySQL cannot be loaded into SQLite', 'Import the site on a server.', 'from');
  }
  if (kind !== 'folder') return;
  const found = await findSite(io, site, args, args.from);
  if (args.dump === '' && found.dump === '' && !found.settings.database) refuseWithoutDatabase(args.from, found);
}

/** Checks disk space and the client's quota; the content of an archive is known only after it is unpacked. */
export const countFound: Step<AdoptTask> = {
  name: 'count',
  title: 'Measure the space that it needs',
  async run({ site, args, quota }, io) {
    if (args.from === '') return io.notNeeded('the backup says it');
    if (io.host.planning && (await io.host.stat(args.from))?.kind !== 'folder') return;
    const found = await foundOf({ site, args }, io);
    const { taken } = await adoptedParts(found, io);
    const asked = await io.host.ask({
      file: 'du',
      args: ['-scxb', '--', ...taken.map(({ from }) => join(found.root, from))],
      timeoutMs: 600_000,
      signal: io.signal,
    });
    const files = Number(/^(\d+)\s+total$/m.exec(asked.stdout)?.[1] ?? 0);
    const database = (await io.host.stat(args.dump || found.dump || '/nowhere'))?.size ?? 0;
    await checkRoom(site, io, { copied: { files, database } }, refuse);
    if (!quota || quota.usedBytes + files + database < quota.maxBytes) return;
    const [most, all] = [quota.maxBytes, quota.usedBytes + files + database].map((bytes) => Math.round(bytes / 1e6));
    throw new AegirError(
      'QUOTA_REACHED',
      `client ${site.client} may use ${most} MB and would use ${all} MB`,
      `Remove something, or raise it: aegir client edit ${site.client} --help`,
      'client',
    );
  },
};

/** Streams the files of the site to a command that unpacks them. Parts elsewhere that its settings name are logged. */
export async function giveFiles(
  { site, args }: AdoptTask,
  io: StepIo,
  into: Parameters<Host['act']>[1],
): Promise<void> {
  const found = await foundOf({ site, args }, io);
  const { adoption, root, folder } = found;
  const { taken, left } = await adoptedParts(found, io);
  for (const { from } of taken) io.log('info', `takes ${from}`);
  for (const { from, to } of left)
    io.log('warning', `${from}, which its settings name for ${to}, is not in ${root} and is left out`);
  const leave = adoption.leave.map((pattern) => join(relative(root, folder), pattern));
  await io.host.act('found.files', { folder: root, parts: taken, leave, into: into as never }, liveOf(io));
}

/** Settings files that are taken over from the site. */
export async function settingsFound(ctx: AdoptTask, io: StepIo): Promise<Record<string, string>> {
  const found = await foundOf(ctx, io);
  return adoptedSettings(found, ctx.site, found.root === staging(ctx.site), io);
}

/** Loads the dump, or the site's own database. */
export async function loadFound({ site, args }: AdoptTask, io: StepIo): Promise<void> {
  const into = await io.services.db(site.server).load(io.host, site);
  const found = await foundOf({ site, args }, io);
  const dump = args.dump || found.dump;
  if (dump !== '') return io.host.act('found.dump', { file: dump, into }, liveOf(io));
  const { database } = found.settings;
  if (!database) return refuseWithoutDatabase(args.from, found);
  await io.host.act('found.database', { from: database, into }, liveOf(io));
}

/** The former name of the site, which its content may mention if its CMS has a folder per site. */
export const oldNameOf = async (ctx: AdoptTask, io: StepIo): Promise<string> => (await foundOf(ctx, io)).name;

const NOT_THERE = 'no folder of it lies in the platform';

/**
 * Renames the folder of a site that is imported within its own platform, so that the link to our site can take its
 * place. Undo renames it back.
 */
export const moveAside = savingStep<AdoptTask, { from: string }>({
  name: 'aside',
  title: 'Move its old folder aside',
  saved: z.object({ from: z.string() }),
  async run(ctx, io) {
    const { site, args } = ctx;
    if (args.from === '' || (await io.host.stat(args.from))?.kind !== 'folder') return io.notNeeded(NOT_THERE);
    const { folder, site: there } = await foundOf(ctx, io);
    const from = join(folder, there?.folder ?? '');
    const taken = io.engines
      .named(site.platform.engine)
      .links(site)
      .some(({ path }) => path === from);
    if (!taken || (await io.host.stat(from))?.kind !== 'folder') return io.notNeeded(NOT_THERE);
    io.save({ from });
    await io.host.act('tree.rename', { from, to: `${from}${ASIDE}` });
    io.log('info', `${from} was renamed to ${basename(from)}${ASIDE}; it is no longer used`);
  },
  async undo(_ctx, io, { from }) {
    if ((await io.host.stat(from)) === undefined)
      await io.host.act('tree.rename', { from: `${from}${ASIDE}`, to: from });
  },
});

async function foundOf({ site, args }: Pick<AdoptTask, 'site' | 'args'>, io: StepIo): Promise<Found> {
  const isFolder = (await io.host.stat(args.from))?.kind === 'folder';
  return findSite(io, site, args, isFolder ? args.from : staging(site));
}

/**
 * Throws `ADOPT_UNFIT` if the folder contains another CMS or none, or several sites and none was selected;
 * `PLATFORM_OLDER`.
 */
export async function findSite(
  { host, engines }: Pick<StepIo, 'host' | 'engines'>,
  site: SiteContext,
  args: FoundPlace,
  root: string,
): Promise<Found> {
  const engine = engines.named(site.platform.engine);
  const { adoption } = engine;
  const detected = await engines.detect(codeTree(host, root));
  const alone = detected ? undefined : await adoption.alone?.(codeTree(host, root));
  if (alone) {
    const tree = codeTree(host, root);
    const settings = adoption.read((await tree.read(alone.file, 1024 * 1024)) ?? '');
    const name = alone.uri || (/^(.+)-\d{8}\.\d{6}/.exec(basename(args.from))?.[1] ?? '');
    const dump = await dumpIn(host, [root]);
    return { adoption, root, folder: root, tree, site: { folder: '', file: alone.file }, name, settings, dump };
  }
  if (detected?.engine.name !== engine.name) {
    const what = detected ? detected.engine.title : 'no CMS that this program knows';
    const hint = `Give the folder that contains ${engine.looksFor}, or choose another platform.`;
    throw new AegirError(
      'ADOPT_UNFIT',
      `${root} holds ${what}, ${site.platform.name} is ${engine.title}`,
      hint,
      'from',
    );
  }
  const folder = join(root, detected.detection.docroot);
  checkCode(root, { engine: engine.name, version: detected.detection.version }, site.platform, refuse);
  const there = chooseSite(engine, await sitesThere(host, engine, folder), { ...args, uri: site.uri });
  // A dump in the folder of a live site may be old, so only one in an archive counts.
  const dump = root === args.from ? '' : await dumpIn(host, [join(folder, there?.folder ?? ''), root]);
  const settings = settingsThere(engine, there);
  return { adoption, root, folder, tree: codeTree(host, folder), site: there, name: there?.name ?? '', settings, dump };
}

/** The dump in the first folder that has one; '' without one. */
async function dumpIn(host: Host, folders: string[]): Promise<string> {
  for (const folder of folders) {
    const file = join(folder, 'database.sql');
    if ((await host.stat(file))?.kind === 'file') return file;
  }
  return '';
}

const refuse: Problem = (code, message, hint, field) => {
  throw new AegirError(code, message, hint, field);
};

function refuseWithoutDatabase(from: string, { site }: Found): never {
  throw new AegirError(
    'ADOPT_UNFIT',
    site ? `${join(from, site.file)} does not contain the database as plain text` : `${from} has no settings`,
    'Give a dump of its database with: --dump FILE',
    'dump',
  );
}
