import { afterEach, beforeEach, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { listTasks } from '../../src/db/tasks.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { inSlices, type Slices } from '../../src/worker/slices.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
beforeEach(() => {
  small = openSmallRoot();
});
afterEach(() => small.remove());

const install = (uris: string[]): Slices<string> =>
  inSlices(small.queue, uris, (object) => {
    const id = queueTask(small.queue, {
      type: 'site.install',
      object,
      args: { platform: 'one', adminMail: 'a@example.org' },
    });
    // As what fails behind its first writes.
    if (object.startsWith('half')) throw new Error('no further');
    return id;
  });

it('what one is refused stops no other and leaves nothing', () => {
  small.site('taken.example.org');
  const uris = ['a.example.org', 'taken.example.org', 'half.example.org', 'b.example.org'];
  const slices = install(uris);
  expect(slices.next()).toBe(false);
  expect(slices.given.map(({ item }) => item)).toEqual(['a.example.org', 'b.example.org']);
  expect(slices.refused).toMatchObject([
    { item: 'taken.example.org', error: { code: 'URI_TAKEN' } },
    { item: 'half.example.org', error: { message: 'no further' } },
  ]);
  expect(findSite(small.db, 'half.example.org')).toBeUndefined();
  expect(listTasks(small.db, { states: ['queued'] }).map(({ objectName }) => objectName)).toEqual([
    'b.example.org',
    'a.example.org',
  ]);
});

it('stops where the inventory cannot be written; what came before stays', () => {
  const slices = install(Array.from({ length: 400 }, (_, number) => `n${number}.example.org`));
  expect(slices.next()).toBe(true);
  const { done } = slices;
  small.db.pragma('query_only = ON');
  expect(() => slices.next()).toThrow();
  small.db.pragma('query_only = OFF');
  expect(slices.done).toBe(done);
  expect(listTasks(small.db)).toHaveLength(done);
  while (slices.next());
  expect(slices.given).toHaveLength(400);
  expect(listTasks(small.db)).toHaveLength(400);
});
