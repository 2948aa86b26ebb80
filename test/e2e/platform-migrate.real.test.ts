import { execFileSync } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { findTask, listTasks } from '../../src/db/tasks.ts';
import { compareByName, queueMoves } from '../../src/worker/platform-migrate.ts';
import { retryTask } from '../../src/worker/queue.ts';
import { startWorker } from '../../src/worker/worker.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { runProgram } from '../support/program.ts';
import { done, runTask, untilEnded } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

const uris = ['a.example.test', 'b.example.test', 'c.example.test'];
const wish = { from: 'one', to: 'two', sites: [], atOnce: 1, stopOnFailure: true, keepDays: 7, anyway: false };
let stack: Stack;
let root: StackRoot;

onOwnServer((own) => {
  ({ stack, root } = own);
});

beforeAll(async () => {
  for (const name of ['one', 'two']) {
    const from = `path:${await debianTree(stack.root, 'spip', 'trixie')}`;
    expect(await runTask(root, 'platform.add', name, { from })).toMatchObject(done);
  }
  for (const uri of uris) {
    const args = { platform: 'one', title: uri, adminMail: 'a@example.test' };
    expect(await runTask(root, 'site.install', uri, args)).toMatchObject(done);
  }
}, 240_000);

const sql = (text: string): void => {
  const socket = socketOf(stack);
  execFileSync('mariadb', ['--socket', socket, '-e', text]);
};
const platforms = (): (string | undefined)[] => uris.map((uri) => findSite(root.inventory, uri)?.platform);

const aegir = (...words: string[]) => runProgram(stack.root, ...words);

it('all sites are compared first', () => {
  const { packages, sites } = compareByName(root.queue, 'one', 'two');
  expect(packages.every(({ verdict }) => verdict === 'same')).toBe(true);
  expect(sites.map(({ uri, verdict }) => `${uri} ${verdict}`)).toEqual(uris.map((uri) => `${uri} ready`));
  expect(() => compareByName(root.queue, 'one', 'none')).toThrow(/no platform none/);
  expect(() => queueMoves(root.queue, { ...wish, sites: ['x.example.test'] })).toThrow(/no site x.example.test/);
});

it('the command shows what is compared, of the sites that are meant, and moves none before it was told yes', () => {
  const words = ['platform', 'migrate', 'one', 'two'];
  const asked = aegir(...words);
  expect(asked.status).toBe(3);
  for (const uri of uris) expect(asked.stdout).toMatch(new RegExp(`^${uri} +ready`, 'm'));
  expect(asked.stderr).toMatch(/^aegir: CONFIRMATION_NEEDED 3 of 3 sites would move from one to two; .*--yes/);
  const some = aegir(...words, '--sites', `${uris[0]},${uris[2]}`, '--dry-run', '--json');
  expect(JSON.parse(some.stdout).sites.map(({ uri }: { uri: string }) => uri)).toEqual([uris[0], uris[2]]);
  expect(aegir(...words, '--sites', 'x.example.test', '--dry-run').status).toBe(4);
  expect(aegir(...words, '--yes', '--read-only').stderr).toContain('READ_ONLY');
  expect(listTasks(root.inventory).filter(({ type }) => type === 'site.migrate')).toEqual([]);
});

it('one that fails stays, those behind it wait for somebody when that is asked for, and all can go on after it', async () => {
  const second = findSite(root.inventory, uris[1] ?? '')?.databaseName;
  sql(`RENAME TABLE ${second}.spip_meta TO ${second}.hidden`);
  const { tasks, left } = queueMoves(root.queue, wish);
  expect(left).toEqual([]);
  const worker = startWorker(root.deps);
  try {
    for (const { id } of tasks) await untilEnded(root, id);
    const ended = tasks.map(({ id }) => findTask(root.inventory, id));
    expect(ended.map((task) => task?.state)).toEqual(['succeeded', 'failed', 'cancelled']);
    expect(ended[2]?.error?.code).toBe('BATCH_STOPPED');
    expect(platforms()).toEqual(['two', 'one', 'one']);
    sql(`RENAME TABLE ${second}.hidden TO ${second}.spip_meta`);
    for (const id of tasks.slice(1).map((task) => retryTask(root.queue, task.id))) {
      expect(await untilEnded(root, id)).toMatchObject(done);
    }
    expect(platforms()).toEqual(['two', 'two', 'two']);
  } finally {
    await worker.drain();
  }
  for (const uri of uris) expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain(uri);
  expect(queueMoves(root.queue, { ...wish, sites: [] }).tasks).toEqual([]);
});

it.each([
  ['two', 'one', 1],
  ['one', 'two', 2],
])('the command moves them from %s to %s, %i at once, and sums up', (from, to, atOnce) => {
  const { status, stdout } = aegir('platform', 'migrate', from, to, '--at-once', `${atOnce}`, '--yes', '--wait');
  expect(status).toBe(0);
  for (const uri of uris) expect(stdout).toMatch(new RegExp(`^\\d+ +${uri} +succeeded +[\\d.]+ s$`, 'm'));
  expect(stdout).toContain('3 of 3 sites moved.');
  expect(platforms()).toEqual([to, to, to]);
  const [newest] = listTasks(root.inventory, { limit: 1 });
  const times = listTasks(root.inventory, { batch: newest?.batch ?? '' }).map(({ startedAt, endedAt }) => ({
    begin: startedAt ?? '',
    end: endedAt ?? '',
  }));
  expect(times).toHaveLength(3);
  const together = times.map(({ begin }) => times.filter((one) => one.begin <= begin && begin < one.end).length);
  expect(Math.max(...together)).toBe(atOnce);
});

it('sites of another CMS move likewise: one that fails stops no other unless that is asked for, and moves later', async () => {
  const blogs = ['d.example.test', 'e.example.test'];
  const where = () => blogs.map((uri) => findSite(root.inventory, uri)?.platform);
  for (const name of ['blogs', 'newer-blogs']) {
    const from = `path:${await debianTree(stack.root, 'wordpress')}`;
    expect(await runTask(root, 'platform.add', name, { from })).toMatchObject(done);
  }
  for (const uri of blogs) {
    const args = { platform: 'blogs', title: uri, adminMail: 'a@example.test' };
    expect(await runTask(root, 'site.install', uri, args)).toMatchObject(done);
  }
  const words = ['platform', 'migrate', 'blogs', 'newer-blogs', '--at-once', '1', '--yes', '--wait'];
  const first = findSite(root.inventory, blogs[0] ?? '')?.databaseName;
  sql(`RENAME TABLE ${first}.wp_options TO ${first}.hidden`);
  const some = aegir(...words);
  expect(some.status).toBe(1);
  expect(some.stdout).toContain('1 of 2 sites moved.');
  expect(where()).toEqual(['blogs', 'newer-blogs']);
  sql(`RENAME TABLE ${first}.hidden TO ${first}.wp_options`);
  expect(aegir(...words).stdout).toContain('1 of 1 sites moved.');
  expect(where()).toEqual(['newer-blogs', 'newer-blogs']);
  for (const uri of blogs) expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain(uri);
});
