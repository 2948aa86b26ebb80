import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentActor } from '../../src/worker/actor.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import type { StackRoot } from '../support/inventory.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { runTask } from '../support/run-task.ts';
import { startTestTrial, type Trial } from '../support/trial.ts';

/** WordPress is tried where its plugin is fetched: try.trial.test.ts. */
const codes = [
  { name: 'spip', tree: () => debianTree(trial.root.paths.root, 'spip', 'trixie') },
  ...givenTrees().map((path) => ({ name: basename(path), tree: async () => copyOf(trial.root.paths.root, path) })),
];

let trial: Trial;
let root: StackRoot;

beforeAll(async () => {
  trial = await startTestTrial('local');
  const { root: open } = trial;
  root = { ...open, queue: { ...open, actor: currentActor({}), readOnly: false }, deps: localDeps(open) };
}, 120_000);
afterAll(() => trial?.stop());

describe.each(codes)('a site on $name with a file as its database', ({ name, tree }) => {
  const uri = `${name.replaceAll(/[^a-z0-9]/g, '')}.localhost`;
  it('is installed, answers, logs in once, verifies and is deleted whole', async () => {
    expect(await runTask(root, 'platform.add', name, { from: `path:${await tree()}` })).toMatchObject({ error: null });
    const args = { platform: name, title: 'On SQLite', adminMail: 'a@example.test' };
    expect(await runTask(root, 'site.install', uri, args)).toMatchObject({ error: null, state: 'succeeded' });
    expect((await trial.fetch(`${uri}`, '/')).body).toContain('On SQLite');
    const { result } = await runTask(root, 'site.login', uri);
    const link = new URL(String(result.url));
    const [first, second] = [await visit(link), await visit(link)];
    expect(first.status).toBe(302);
    expect(second.headers.location).not.toBe(first.headers.location);
    expect(await runTask(root, 'site.verify', uri)).toMatchObject({ error: null });
    await dailyLife();
    expect(await runTask(root, 'site.delete', uri)).toMatchObject({ error: null });
    expect((await trial.fetch(uri, '/')).status).toBe(404);
  }, 180_000);

  /** The same tasks as on a server, before another web server and database. */
  async function dailyLife(): Promise<void> {
    const www = `www.${uri}`;
    const does = async (type: string, args = {}, object = uri) =>
      expect(await runTask(root, type, object, args)).toMatchObject({ error: null, state: 'succeeded' });
    await does('site.disable');
    expect(await trial.fetch(uri, '/x.css')).toMatchObject({ status: 503, headers: { 'retry-after': '600' } });
    await does('site.enable');
    await does('site.alias', { add: `${www} *.deep.localhost` });
    expect((await trial.fetch('a.b.deep.localhost', '/')).status).toBeLessThan(405);
    await does('site.redirect', { to: uri });
    const led = await trial.fetch(www, '/x?y=1');
    expect(led).toMatchObject({ status: 301, headers: { location: `http://${uri}:${trial.port}/x?y=1` } });
    await does('site.set', { authUser: 'guest', authPassword: 'let me in 1', noindex: 'yes' });
    expect((await trial.fetch(uri, '/')).status).toBe(401);
    const authorization = `Basic ${Buffer.from('guest:let me in 1').toString('base64')}`;
    const page = await trial.fetch(uri, '/', { headers: { authorization } });
    expect(page).toMatchObject({ status: 200, headers: { 'x-robots-tag': 'noindex, nofollow' } });
    await does('site.set', { authUser: 'none', noindex: 'no' });
    await does('site.cron');
    await does('site.update');
    await does('site.rename', { to: 'renamed.localhost' });
    expect((await trial.fetch('renamed.localhost', '/')).body).toContain('On SQLite');
    await does('site.rename', { to: uri }, 'renamed.localhost');
  }

  const visit = ({ hostname, pathname, search }: URL) => trial.fetch(hostname, `${pathname}${search}`);
});
