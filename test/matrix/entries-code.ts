import { archiveOf, does, type Entry, packCode } from './entry.ts';
import { editVhost } from './strange.ts';

/** The tasks of the server and of platforms. */
export const codeEntries: Entry[] = [
  { type: 'server.verify', object: 'server_master' },
  ...(['http', 'php', 'db'] as const).map((service) => ({
    ...{ type: 'server.restart', as: service, object: 'server_master', args: () => ({ service }) },
  })),
  {
    type: 'server.verify',
    as: 'of what was changed',
    object: 'server_master',
    prepare: editVhost,
    back: editVhost,
    end: does('server.verify', {}, 'server_master'),
  },
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
];
