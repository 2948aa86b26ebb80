import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentActor } from '../../src/worker/actor.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import type { StackRoot } from '../support/inventory.ts';
import { debianTree, givenTrees } from '../support/platforms.ts';
import { runTask } from '../support/run-task.ts';
import { startTestTrial, type Trial } from '../support/trial.ts';

/** WordPress is tried where its plugin is fetched: try.trial.test.ts. */
const codes = [
  { name: 'spip', tree: () => debianTree('spip', 'trixie') },
  ...givenTrees().map((path) => ({ name: basename(path), tree: async () => copyOf(path) })),
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
    expect(await runTask(root, 'site.delete', uri)).toMatchObject({ error: null });
    expect((await trial.fetch(uri, '/')).status).toBe(404);
  }, 180_000);

  const visit = ({ hostname, pathname, search }: URL) => trial.fetch(hostname, `${pathname}${search}`);
});

/** A given tree is not written to. */
function copyOf(path: string): string {
  const copy = join(trial.root.paths.cache, basename(path));
  cpSync(path, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}
