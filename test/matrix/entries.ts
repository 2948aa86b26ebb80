import { standardProgram } from '../../src/provision/standard.ts';
import { codeEntries } from './entries-code.ts';
import {
  ALIAS,
  backUp,
  COPY,
  changeByHand,
  copyToGone,
  does,
  type Entry,
  GONE,
  keepBackups,
  MOVED,
  NEW,
  noBackups,
  oldest,
  outdate,
  remove,
} from './entry.ts';
import { makeStrangeSite, removeStrangeSite, strangeArchive, strangeFolder } from './strange.ts';
import { INSTALL, MAIN, must, write } from './world.ts';

/** Every task, and how it is tried. */
export const entries: Entry[] = [
  ...codeEntries,
  { type: 'site.install', object: NEW, args: () => INSTALL, back: remove(NEW) },
  {
    type: 'site.delete',
    object: GONE,
    prepare: copyToGone,
    back: copyToGone,
    end: remove(GONE),
  },
  {
    type: 'site.delete',
    as: 'with a backup',
    object: GONE,
    args: () => ({ backup: 'yes' }),
    prepare: copyToGone,
    async back(world) {
      await noBackups(world);
      await copyToGone(world);
    },
    end: remove(GONE),
  },
  { type: 'site.verify', object: MAIN },
  {
    type: 'site.verify',
    as: 'of what was changed',
    object: MAIN,
    mends: /^file sites\/[^/]+\/data\/files\/$/,
    prepare: changeByHand,
    back: changeByHand,
    end: does('site.verify'),
  },
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
  {
    type: 'site.restore',
    as: 'on another platform',
    object: MAIN,
    adds: true,
    prepare: backUp,
    args: (world) => ({ backup: oldest(world), platform: 'other' }),
    async back(world) {
      await must(world, 'site.migrate', MAIN, { platform: 'code', keepDays: 0 });
      await keepBackups(world, 1);
    },
    end: noBackups,
  },
  { type: 'site.clone', object: COPY, args: () => ({ source: MAIN }), back: remove(COPY) },
  {
    type: 'site.clone',
    as: 'to another platform',
    object: COPY,
    args: () => ({ source: MAIN, platform: 'other' }),
    back: remove(COPY),
  },
  {
    type: 'site.import',
    object: COPY,
    prepare: backUp,
    args: (world) => ({ backup: oldest(world), platform: 'other' }),
    back: remove(COPY),
    end: noBackups,
  },
  {
    type: 'site.import',
    as: 'of a folder',
    object: COPY,
    prepare: makeStrangeSite,
    args: strangeFolder,
    back: remove(COPY),
    end: removeStrangeSite,
  },
  {
    type: 'site.import',
    as: 'of an archive',
    object: COPY,
    prepare: makeStrangeSite,
    args: strangeArchive,
    back: remove(COPY),
    end: removeStrangeSite,
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
    type: 'site.disable',
    as: 'as if it were not there',
    object: MAIN,
    args: () => ({ status: '404' }),
    async back(world) {
      // Which page it is stays noted.
      for (const type of ['site.enable', 'site.disable', 'site.enable']) await must(world, type, MAIN);
    },
  },
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
  {
    type: 'site.rename',
    as: 'leading on from the old name',
    object: MAIN,
    args: () => ({ to: MOVED, redirect: true }),
    async back(world) {
      await must(world, 'site.redirect', MOVED, { to: '' });
      await must(world, 'site.rename', MOVED, { to: MAIN });
    },
  },
  { type: 'site.alias', object: MAIN, args: () => ({ add: ALIAS }), back: does('site.alias', { remove: ALIAS }) },
  {
    type: 'site.alias',
    as: 'given up',
    object: MAIN,
    prepare: does('site.alias', { add: ALIAS }),
    args: () => ({ remove: ALIAS }),
    back: does('site.alias', { add: ALIAS }),
    end: does('site.alias', { remove: ALIAS }),
  },
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
  standardProgram.tasks.list.map(({ type }) => type).filter((type) => !entries.some((entry) => entry.type === type));

/** `site.clone`, or with its variant. */
export const titleOf = ({ type, as }: Entry): string => (as === undefined ? type : `${type} ${as}`);
