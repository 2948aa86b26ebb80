import { afterEach, beforeEach, expect, it } from 'vitest';
import { listTaskLines } from '../../src/db/lists.ts';
import { renameSite } from '../../src/db/sites.ts';
import { endTask, pruneTasks, saveProgress, startTask } from '../../src/db/task-changes.ts';
import { refreshTaskList, type TaskList } from '../../src/db/task-list.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

const LIMIT = 30;
const [A, B] = ['a.example.org', 'b.example.org'];
let small: SmallRoot;
let list: TaskList;

beforeEach(() => {
  small = openSmallRoot();
  small.site(A);
  small.site(B);
  for (let count = 0; count < 40; count += 1) endTask(small.db, verify(A), { state: 'succeeded' });
  list = refreshTaskList(small.db, LIMIT);
});
afterEach(() => small.remove());

const verify = (object: string): number => queueTask(small.queue, { type: 'site.verify', object, args: {} });

/** Takes the list up to the present; how many of its rows were read. It must be what reading all of them gives. */
function refresh(): number {
  const before = new Set(list.lines);
  list = refreshTaskList(small.db, LIMIT, list);
  expect(list.lines).toEqual(listTaskLines(small.db, LIMIT));
  return list.lines.filter((line) => !before.has(line)).length;
}

it('a list of tasks reads again only what changed', () => {
  const { lines } = list;
  expect(refresh()).toBe(0);
  expect(list.lines).toBe(lines);
  const id = verify(B);
  expect(refresh()).toBe(1);
  startTask(small.db, id, {});
  expect(refresh()).toBe(1);
  saveProgress(small.db, id, { step: 'files', done: 1, total: 2, unit: 'files' });
  expect(refresh()).toBe(1);
  const error = { code: 'X', message: 'x', hint: '' };
  endTask(small.db, id, { state: 'failed', error, unfinished: 'the pool' });
  expect(refresh()).toBe(1);
  endTask(small.db, id, { state: 'failed', error });
  expect(refresh()).toBe(1);
  expect(refresh()).toBe(0);
});

it('a list of tasks follows a site that is renamed, and tasks that are taken away', () => {
  endTask(small.db, verify(B), { state: 'succeeded' });
  refresh();
  renameSite(small.db, B, { uri: 'c.example.org', aliases: [] });
  expect(refresh()).toBe(1);
  expect(list.lines[0]?.objectName).toBe('c.example.org');
  pruneTasks(small.db, 'site.verify', A, { actor: 'root', keep: 10 });
  expect(refresh()).toBeLessThan(5);
  expect(list.lines.length).toBeLessThan(20);
});
