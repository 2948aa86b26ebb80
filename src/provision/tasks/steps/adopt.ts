import { basename, dirname, join } from 'node:path';
import { type SiteContext, serverPaths } from '../../context.ts';
import type { Adoption, CodeTree, FoundSettings } from '../../engines/engine.ts';
import { codeTree, detectEngine, engineNamed } from '../../engines/registry.ts';
import { AegirError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { dbDriver } from '../../services/registry.ts';
import type { Problem, Step, StepIo, TaskContext } from '../../task.ts';
import { checkCode } from '../check-backup.ts';
import { liveOf } from './pack.ts';

/** Where a site that has an installation of its own is, and its dump where its database is not to be asked. */
export interface FoundPlace {
  from: string;
  dump: string;
}
type AdoptTask = TaskContext<'site', FoundPlace>;

/** Such a site, read anew by each step: nothing of it is ours to keep. */
interface Found {
  adoption: Adoption;
  /** Its docroot, absolute, and as a tree. */
  folder: string;
  tree: CodeTree;
  /** The file of its settings, relative to the docroot; '' without one. */
  file: string;
  settings: FoundSettings;
}

/** Where an archive is unpacked until its site is taken over; root's. */
const staging = (site: SiteContext): string => join(serverPaths(site.server).cache, 'adopt', site.handle);

/** Unpacks an archive. Undo removes it. */
export const openArchive: Step<AdoptTask> = {
  name: 'open',
  title: 'Open the archive',
  async run({ site, args }, io) {
    if (args.from === '' || (await io.host.stat(args.from))?.kind === 'folder') return;
    io.save({});
    const to = staging(site);
    await io.host.act('tree.remove', { path: to });
    for (const path of [dirname(to), to])
      await io.host.act('folder.make', { path, owner: 'root', group: 'root', mode: 0o700 });
    await io.host.act('source.unpack', { archive: args.from, to }, { signal: io.signal, onLine: io.line });
  },
  undo: (ctx, io) => closeArchive.run(ctx, io),
};

/** Removes what was unpacked. */
export const closeArchive: Step<AdoptTask> & Required<Pick<Step<AdoptTask>, 'run'>> = {
  name: 'close',
  title: 'Remove what was unpacked',
  async run({ site }, io) {
    await io.host.act('tree.remove', { path: staging(site) });
  },
};

/** Reports what stands in the way of taking over the site of a folder; an archive is looked into when it is open. */
export async function checkFound({ site, args }: AdoptTask, io: StepIo, problem: Problem): Promise<void> {
  const kind = (await io.host.stat(args.from))?.kind;
  if (kind === undefined) {
    return problem(
      'FILE_MISSING',
      `there is no ${args.from}`,
      'Name the folder of the site, or an archive of it.',
      'from',
    );
  }
  if (args.dump !== '' && (await io.host.stat(args.dump))?.kind !== 'file') {
    problem('FILE_MISSING', `there is no file ${args.dump}`, 'Name a dump in SQL.', 'dump');
  }
  if (dbDriver(site.server).name !== 'mariadb') {
    problem('DATABASE_UNFIT', 'a dump of MySQL cannot be loaded into SQLite', 'Import the site on a server.', 'from');
  }
  if (kind !== 'folder') return;
  const found = await findSettings(io.host, site, args.from);
  if (args.dump === '' && !found.settings.database) refuseWithoutDatabase(args.from, found.file);
}

/** Gives the files of the site to a command that unpacks them. */
export async function giveFiles(
  { site, args }: AdoptTask,
  io: StepIo,
  into: Parameters<Host['act']>[1],
): Promise<void> {
  const { adoption, folder, tree, file } = await foundOf({ site, args }, io);
  const parts = await adoption.parts(tree, file);
  for (const { from } of parts) io.log('info', `takes ${from}`);
  await io.host.act('found.files', { folder, parts, leave: adoption.leave, into: into as never }, liveOf(io));
}

/** The files of our settings that come with the site. */
export const keysOf = async (ctx: AdoptTask, io: StepIo): Promise<Record<string, string>> =>
  (await foundOf(ctx, io)).settings.settings;

/** Loads the dump, or what the site's own database holds. */
export async function loadFound({ site, args }: AdoptTask, io: StepIo): Promise<void> {
  const into = await dbDriver(site.server).load(io.host, site);
  if (args.dump !== '') return io.host.act('found.dump', { file: args.dump, into }, liveOf(io));
  const { settings, file } = await foundOf({ site, args }, io);
  if (!settings.database) return refuseWithoutDatabase(args.from, file);
  await io.host.act('found.database', { from: settings.database, into }, liveOf(io));
}

/** The name that the folder of the site's settings has, where the CMS has one a site. */
export const folderNameOf = async (ctx: AdoptTask, io: StepIo): Promise<string> =>
  basename(dirname((await foundOf(ctx, io)).file));

async function foundOf({ site, args }: Pick<AdoptTask, 'site' | 'args'>, io: StepIo): Promise<Found> {
  const folder = (await io.host.stat(args.from))?.kind === 'folder' ? args.from : staging(site);
  return findSettings(io.host, site, folder);
}

/** Throws `ADOPT_UNFIT` when the folder holds another CMS, or none, `PLATFORM_OLDER` when it is newer. */
async function findSettings(host: Host, site: SiteContext, root: string): Promise<Found> {
  const detected = await detectEngine(codeTree(host, root));
  const engine = engineNamed(site.platform.engine);
  if (detected?.engine.name !== engine.name) {
    const what = detected ? detected.engine.title : 'no CMS that this program knows';
    const hint = `Name the folder in which ${engine.looksFor} lies, or another platform.`;
    throw new AegirError(
      'ADOPT_UNFIT',
      `${root} holds ${what}, ${site.platform.name} is ${engine.title}`,
      hint,
      'from',
    );
  }
  const folder = join(root, detected.detection.docroot);
  const tree = codeTree(host, folder);
  checkCode(root, { engine: engine.name, version: detected.detection.version }, site.platform, refuse);
  const { adoption } = engine;
  for (const file of await adoption.settings(tree)) {
    const text = await tree.read(file, 1024 * 1024);
    if (text !== undefined) return { adoption, folder, tree, file, settings: adoption.read(text) };
  }
  return { adoption, folder, tree, file: '', settings: { settings: {} } };
}

const refuse: Problem = (code, message, hint, field) => {
  throw new AegirError(code, message, hint, field);
};

function refuseWithoutDatabase(from: string, file: string): never {
  throw new AegirError(
    'ADOPT_UNFIT',
    file ? `${join(from, file)} does not say in plain words which database is meant` : `${from} has no settings`,
    'Give a dump of its database: --dump FILE',
    'dump',
  );
}
