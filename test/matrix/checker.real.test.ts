import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import type { ActOptions, Host } from '../../src/provision/host/host.ts';
import type { RootActs, RootVerb } from '../../src/provision/host/root-acts.ts';
import { runTask } from '../support/run-task.ts';
import { differences, judge, textOf } from './judge.ts';
import { codes, INSTALL, MAIN, openWorld, query, type World } from './world.ts';

// The look itself is tried: it has to find what is broken on purpose.
let world: World;
const NEW = 'new.example.test';

beforeAll(async () => {
  const [code] = codes;
  if (code) world = await openWorld(code);
});
afterAll(() => world?.close());

/** What a look finds that it did not find before. */
async function found(work: () => Promise<void> | void): Promise<string> {
  const before = await world.look();
  await work();
  return differences(before, await world.look())
    .map(textOf)
    .join('\n');
}

/** Runs a task whose host leaves out what it is told to do with some acts. */
async function runWithout(verb: RootVerb, type: string, object: string, args: Record<string, unknown>) {
  const { deps } = world.root;
  const forgetful = (host: Host): Host => ({
    ...host,
    async act<V extends RootVerb>(asked: V, given: RootActs[V]['args'], live?: ActOptions) {
      if (asked === 'user.run' && type === 'site.install') throw new Error('broken on purpose');
      if (asked === verb) return { removed: true, dropped: true } as unknown as RootActs[V]['result'];
      return host.act(asked, given, live);
    },
  });
  const hostFor: typeof deps.hostFor = (...words) => forgetful(deps.hostFor(...words));
  return runTask({ ...world.root, deps: { ...deps, hostFor } }, type, object, args);
}

it('sees no difference where there is none', async () => {
  expect(await found(() => {})).toBe('');
});

it.each([
  ['db.account.remove', /\+ account /],
  ['db.drop', /\+ database /],
  ['user.remove', /\+ \/etc\/passwd /],
  ['tree.remove', /\+ file sites\//],
] as const)('finds what an undo without %s leaves behind', async (verb, trace) => {
  const before = await world.look();
  const task = await runWithout(verb, 'site.install', NEW, INSTALL);
  expect(task.state).toBe('failed');
  const judgement = judge(task, before, before, await world.look());
  expect(judgement.verdict).toBe('left over');
  expect(judgement.why.join('\n')).toMatch(trace);
});

it('finds a site that a task has brought half-way: disabled, and still shown', async () => {
  const before = await world.look();
  await runTask(world.root, 'site.disable', MAIN);
  const after = await world.look();
  await runTask(world.root, 'site.enable', MAIN);
  const task = await runWithout('file.write', 'site.disable', MAIN, {});
  const { verdict, why } = judge(task, before, after, await world.look());
  expect(verdict).toBe('BROKEN');
  expect(why.join('\n')).toContain(`~ web ${MAIN}`);
  await runTask(world.root, 'site.enable', MAIN);
});

const plants: [string, () => Promise<void> | void, RegExp][] = [
  [
    'a file',
    () => writeFileSync(join(world.stack.paths.config, 'nginx/site-left.conf'), ''),
    /file config\/nginx\/site-left/,
  ],
  [
    'a folder of backups',
    () => void mkdirSync(join(world.stack.paths.backups, '.incoming')),
    /file backups\/.incoming/,
  ],
  [
    'a changed word in the database',
    () => query(world, MAIN, "UPDATE wp_options SET option_value = 'x' WHERE option_name = 'blogname'"),
    /wp_options/,
  ],
  ['a table', () => query(world, MAIN, 'CREATE TABLE planted (id INT)'), /\+ table .*planted/],
  [
    'a row of the inventory',
    () => void world.root.inventory.exec("UPDATE release SET database_name = 'planted'"),
    /inventory release/,
  ],
  ['a file of the site that is gone', () => rmSync(join(home(), 'data/files/2026/words.txt')), /- file sites/],
  ['a mode', () => chmodSync(join(home(), 'data/private'), 0o755), /~ file sites\/.*private/],
];
it.each(plants)('finds %s', async (_title, plant, trace) => {
  expect(await found(plant)).toMatch(trace);
});

const home = (): string => join(world.stack.paths.sites, findSite(world.root.inventory, MAIN)?.handle ?? '');
