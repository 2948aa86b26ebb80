import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { listBackups } from '../../src/db/backups.ts';
import { taskDefinitions } from '../../src/provision/tasks/registry.ts';
import { deleteBackup } from '../../src/worker/backups.ts';
import { INSTALL, MAIN, must, query, type World, write } from './world.ts';

/** How one task is tried: on what, with which arguments, and the way back to where it began. */
export interface Entry {
  type: string;
  /** Beside the type, where one is tried in several ways. */
  as?: string;
  object: string;
  args?(world: World): Record<string, unknown>;
  /** Brings the world to where the task begins; done once before its first run. */
  prepare?(world: World): Promise<void>;
  /** Brings a world in which the task was done back to where it began. */
  back?(world: World): Promise<void>;
  /** Done again, it makes another, or goes the other way. */
  adds?: boolean;
  /** Takes away what `prepare` has made; done once after its last run. */
  end?(world: World): Promise<void>;
}

const COPY = 'copy.example.test';
const GONE = 'gone.example.test';
const NEW = 'new.example.test';
const MOVED = 'moved.example.test';
const ALIAS = 'alias.example.test';

const remove = (uri: string) => async (world: World) => void (await must(world, 'site.delete', uri));
const does =
  (type: string, args: Record<string, unknown> = {}, object: string = MAIN) =>
  async (world: World) =>
    void (await must(world, type, object, args));
const oldest = (world: World): string => listBackups(world.root.inventory).at(-1)?.name ?? '';

/** Removes all backups but the oldest ones. */
async function keepBackups(world: World, count: number): Promise<void> {
  for (const { name } of listBackups(world.root.inventory).slice(0, -count || undefined))
    await deleteBackup(world.root.queue, name);
}
const backUp = does('site.backup');
const noBackups = (world: World) => keepBackups(world, 0);

/** The database as an earlier version of the code has left it. */
const outdated: Record<World['code']['engine'], string> = {
  wordpress: "UPDATE wp_options SET option_value = '49752' WHERE option_name = 'db_version'",
  spip: "UPDATE spip_meta SET valeur = valeur - 1, impt = 'oui' WHERE nom = 'version_installee'",
  drupal: "REPLACE INTO matrix VALUES (2, 'outdated')",
};
const outdate = (world: World) => query(world, MAIN, outdated[world.code.engine]);

/** The code of the world as an archive. */
const archiveOf = (world: World): string => join(world.stack.root, 'cache', 'code.tar');
async function packCode(world: World): Promise<void> {
  const pack = ['-cf', archiveOf(world), '-C', world.otherTree, '--transform=s,^\\.,code,', '.'];
  const { status, stderr } = spawnSync('tar', pack, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Every task, and how it is tried. */
export const entries: Entry[] = [
  { type: 'server.verify', object: 'server_master' },
  {
    type: 'platform.add',
    object: 'built',
    prepare: packCode,
    args: (world) => ({ from: `archive:${archiveOf(world)}` }),
    back: does('platform.delete', {}, 'built'),
  },
  {
    type: 'platform.delete',
    object: 'other',
    back: (world) => does('platform.add', { from: `path:${world.otherTree}` }, 'other')(world),
  },
  { type: 'platform.verify', object: 'code' },
  {
    type: 'platform.lock',
    object: 'other',
    args: () => ({ reason: 'tried' }),
    back: does('platform.unlock', {}, 'other'),
  },
  {
    type: 'platform.unlock',
    object: 'other',
    prepare: does('platform.lock', { reason: 'tried' }, 'other'),
    back: does('platform.lock', { reason: 'tried' }, 'other'),
    end: does('platform.unlock', {}, 'other'),
  },
  { type: 'site.install', object: NEW, args: () => INSTALL, back: remove(NEW) },
  {
    type: 'site.delete',
    object: GONE,
    prepare: does('site.install', INSTALL, GONE),
    back: does('site.install', INSTALL, GONE),
    end: remove(GONE),
  },
  {
    type: 'site.delete',
    as: 'with a backup',
    object: GONE,
    args: () => ({ backup: 'yes' }),
    prepare: does('site.install', INSTALL, GONE),
    async back(world) {
      await noBackups(world);
      await must(world, 'site.install', GONE, INSTALL);
    },
    end: remove(GONE),
  },
  { type: 'site.verify', object: MAIN },
  { type: 'site.login', object: MAIN },
  { type: 'site.backup', object: MAIN, adds: true, back: noBackups },
  {
    type: 'site.restore',
    object: MAIN,
    adds: true,
    async prepare(world) {
      await backUp(world);
      await write(world, MAIN, 'second');
    },
    args: (world) => ({ backup: oldest(world) }),
    async back(world) {
      await write(world, MAIN, 'second');
      await keepBackups(world, 1);
    },
    async end(world) {
      await noBackups(world);
      await write(world, MAIN, 'first');
    },
  },
  { type: 'site.clone', object: COPY, args: () => ({ source: MAIN }), back: remove(COPY) },
  {
    type: 'site.import',
    object: COPY,
    prepare: backUp,
    args: (world) => ({ backup: oldest(world), platform: 'other' }),
    back: remove(COPY),
    end: noBackups,
  },
  {
    type: 'site.migrate',
    object: MAIN,
    args: () => ({ platform: 'other' }),
    async back(world) {
      await must(world, 'site.back', MAIN);
      await must(world, 'site.forget', MAIN);
    },
  },
  {
    type: 'site.migrate',
    as: 'keeping nothing',
    object: MAIN,
    args: () => ({ platform: 'other', keepDays: 0 }),
    back: does('site.migrate', { platform: 'code', keepDays: 0 }),
  },
  {
    type: 'site.back',
    object: MAIN,
    prepare: does('site.migrate', { platform: 'other' }),
    back: does('site.back'),
    adds: true,
    end: does('site.migrate', { platform: 'code', keepDays: 0 }),
  },
  {
    type: 'site.forget',
    object: MAIN,
    prepare: does('site.migrate', { platform: 'other' }),
    async back(world) {
      await must(world, 'site.migrate', MAIN, { platform: 'code', keepDays: 0 });
      await must(world, 'site.migrate', MAIN, { platform: 'other' });
    },
    end: does('site.migrate', { platform: 'code', keepDays: 0 }),
  },
  { type: 'site.disable', object: MAIN, back: does('site.enable') },
  {
    type: 'site.enable',
    object: MAIN,
    prepare: does('site.disable'),
    back: does('site.disable'),
    end: does('site.enable'),
  },
  { type: 'site.cron', object: MAIN },
  {
    type: 'site.update',
    object: MAIN,
    adds: true,
    prepare: outdate,
    async back(world) {
      await noBackups(world);
      await outdate(world);
    },
    async end(world) {
      await must(world, 'site.update', MAIN);
      await noBackups(world);
    },
  },
  { type: 'site.rename', object: MAIN, args: () => ({ to: MOVED }), back: does('site.rename', { to: MAIN }, MOVED) },
  { type: 'site.alias', object: MAIN, args: () => ({ add: ALIAS }), back: does('site.alias', { remove: ALIAS }) },
  {
    type: 'site.redirect',
    object: MAIN,
    prepare: does('site.alias', { add: ALIAS }),
    args: () => ({ to: ALIAS }),
    back: does('site.redirect', { to: '' }),
    end: does('site.alias', { remove: ALIAS }),
  },
  {
    type: 'site.set',
    object: MAIN,
    args: () => ({ authUser: 'guest', authPassword: 'let me in 1', cron: 60, memoryMb: 300 }),
    back: does('site.set', { authUser: 'none', cron: 15, memoryMb: 256 }),
  },
  { type: 'site.lock', object: MAIN, args: () => ({ reason: 'tried' }), back: does('site.unlock') },
  {
    type: 'site.unlock',
    object: MAIN,
    prepare: does('site.lock', { reason: 'tried' }),
    back: does('site.lock', { reason: 'tried' }),
    end: does('site.unlock'),
  },
];

/** Task types that nobody has said how to try. */
export const untried = (): string[] =>
  taskDefinitions.map(({ type }) => type).filter((type) => !entries.some((entry) => entry.type === type));

/** `site.clone`, or with its variant. */
export const titleOf = ({ type, as }: Entry): string => (as === undefined ? type : `${type} ${as}`);
