import { lstatSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { accountOf } from '../../src/provision/host/local/accounts.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { foldersOf } from '../../src/setup/checks/folders.ts';
import { backupInventory } from '../../src/worker/inventory-backup.ts';
import { codes, INSTALL, MAIN, must, openWorld, type World } from '../matrix/world.ts';
import { holdAll, openTo, pathsBelow, type Somebody } from '../support/open-to.ts';

/**
 * Whoever can open a file can read it, and lock it: one lock on the wrong one has stopped the queue for good. So every
 * file, folder and socket of ours that somebody else can open stands here, with what he may do and why. `anyone` is every
 * user of the machine; `web` the web server's own user, `site` that of a site, beyond that. OWN is the handle of
 * that site, H any other.
 */
type Who = 'anyone' | 'web' | 'site';
const allowed: [who: Who, path: RegExp, may: 'r' | 'w' | 'rw', why: string][] = [
  ['anyone', /^\/(?:config|etc|log|run)$/, 'r', 'names of services and handles, which /etc/passwd tells too'],
  ['anyone', /^\/(?:platforms|programs)$/, 'r', 'code of all sites'],
  ['anyone', /^\/programs\/.+/, 'r', 'programs that each site runs; they hold no secret'],
  ['web', /^\/etc\/sites(?:\/H)?$/, 'r', 'the web server passes to the passwords of visitors'],
  [
    'web',
    /^\/etc\/sites\/H\/(?:local\.\w+\.conf|passwords)$/,
    'r',
    'it is told what the vhosts say; passwords are hashes',
  ],
  ['web', /^\/log\/H(?:\/.+)?$/, 'r', 'what it has written itself'],
  ['web', /^\/run\/(?:acme|php)$/, 'r', 'it answers challenges, and asks PHP'],
  ['web', /^\/run\/php\/H-\d+\.\d+\.sock$/, 'rw', 'it asks the PHP of each site'],
  ['web', /^\/sites\/H\/data\/(?:files|extensions)(?:\/.+)?$/, 'r', 'what visitors may see'],
  ['site', /^\/sites\/OWN\/data\/(?:files|private|extensions)(?:\/.+)?$/, 'rw', 'its own content'],
  ['site', /^\/sites\/OWN\/releases\/\d+\/(?:config|tmp)(?:\/.+)?$/, 'rw', 'its own state'],
  ['site', /^\/sites\/OWN\/releases\/\d+\/settings(?:\/.+)?$/, 'r', 'its own settings, which it cannot change'],
];

/** Of the stack of the tests, not ours: on a server these are the distribution's, or not there. */
const ofTheStack = /^\/(?:trees|mariadb|run\/(?:nginx|fpm)[^/]*)(?:\/|$)/;
/** The code of a platform is everybody's to read. */
const code = /^\/platforms\/.+/;

const stranger: Somebody = { uid: 64_999, gid: 64_999 };
let world: World;
let own = '';

beforeAll(async () => {
  world = await openWorld(codes[0] as World['code']);
  const { stack, root } = world;
  // As setup makes them; and a daemon may be started with any mask.
  for (const folder of foldersOf(stack.paths, stack.server, standardProgram.services))
    await stack.host.act('folder.make', folder);
  const before = process.umask(0);
  try {
    await must(world, 'site.install', 'new.example.test', INSTALL);
    await must(world, 'site.backup', MAIN);
    await must(world, 'site.clone', 'copy.example.test', { source: MAIN });
    await must(world, 'site.set', MAIN, { authUser: 'ann', authPassword: 'long enough', memoryMb: 200 });
    await must(world, 'site.migrate', MAIN, { platform: 'other' });
    for (const task of ['site.login', 'site.cron', 'site.verify']) await must(world, task, MAIN);
    await must(world, 'server.verify', 'server_master');
    await backupInventory(root.inventory, stack.paths);
  } finally {
    process.umask(before);
  }
  own = findSite(root.inventory, MAIN)?.handle ?? '';
});
afterAll(() => world?.close());

const somebody = (name: string): Somebody => accountOf(name) as Somebody;

/** What somebody may do below the root, by path as the table says it; sockets too, folders as well. */
async function openNow(who: Somebody, ownHandle: string): Promise<Map<string, string>> {
  const { root, server } = world.stack;
  const paths = pathsBelow(root, (path) => ofTheStack.test(path.slice(root.length)));
  const called = (path: string): string =>
    path
      .slice(root.length)
      .split('/')
      .map((part) => part.replace(new RegExp(`^${server.handlePrefix}\\d+`), (it) => (it === ownHandle ? 'OWN' : 'H')))
      .join('/');
  const open = [...(await openTo(who, paths))].filter(([path]) => !code.test(path.slice(root.length)));
  // A link is what it leads to.
  return new Map(open.filter(([path]) => !lstatSync(path).isSymbolicLink()).map(([path, may]) => [called(path), may]));
}

it('nobody can open a file of ours but those of the table', async () => {
  const used = new Set<string>();
  const surprising: string[] = [];
  const whos: [Who, Somebody, string][] = [
    ['anyone', stranger, ''],
    ['web', somebody(world.stack.server.webUser), ''],
    ['site', somebody(own), own],
  ];
  for (const [who, account, handle] of whos) {
    for (const [path, may] of await openNow(account, handle)) {
      const entries = allowed.filter(([whom, pattern]) => (whom === 'anyone' || whom === who) && pattern.test(path));
      for (const [whom, pattern] of entries) used.add(`${whom} ${pattern}`);
      if (!entries.some(([, , most]) => [...may].every((one) => most.includes(one))))
        surprising.push(`${who} ${may} ${path}`);
    }
  }
  expect(surprising).toEqual([]);
  expect(allowed.map(([who, pattern]) => `${who} ${pattern}`).filter((entry) => !used.has(entry))).toEqual([]);
});

it('whoever locks all that he can open stops no task', async () => {
  const { root } = world.stack;
  const everything = pathsBelow(root, (path) => ofTheStack.test(path.slice(root.length)));
  for (const who of [stranger, somebody(own)]) {
    const readable = [...(await openTo(who, everything))].filter(
      ([path, may]) => may.includes('r') && lstatSync(path).isFile(),
    );
    const letGo = await holdAll(
      who,
      readable.map(([path]) => path),
    );
    try {
      for (const task of ['site.verify', 'site.backup', 'site.cron']) await must(world, task, MAIN);
      await must(world, 'platform.verify', 'other');
      await must(world, 'server.verify', 'server_master');
    } finally {
      letGo();
    }
  }
});
