import { describe, expect, it } from 'vitest';
import { taskDetail } from '../../../src/cli/shapes.ts';
import type { Inventory } from '../../../src/db/inventory.ts';
import { endTask, insertTask, leaveTask, markCommitted, startTask } from '../../../src/db/task-changes.ts';
import { findTask, listTasks } from '../../../src/db/tasks.ts';
import { currentDialog, currentPage, type Dialog } from '../../../src/state/model/state.ts';
import { taskLayout } from '../../../src/state/pages/layout.ts';
import { shownList } from '../../../src/state/pages/list.ts';
import { halted } from '../../../src/worker/leave-task.ts';
import { type OpenStore, openStore } from '../../support/open-store.ts';

type Ask = Extract<Dialog, { kind: 'confirm' }> | Extract<Dialog, { kind: 'typed' }>;

function asked({ store }: OpenStore): Ask {
  const dialog = currentDialog(store.getState());
  if (dialog?.kind !== 'confirm' && dialog?.kind !== 'typed') throw new Error(`nothing is asked: ${dialog?.kind}`);
  return dialog;
}

const ended = { failed: { code: 'X', message: 'it broke', hint: '' } };

/** A task that has come so far. */
function addTask(db: Inventory, type: string, name: string, to: 'queued' | 'running' | 'committed' | 'failed'): number {
  const kind = type.startsWith('platform') ? 'platform' : 'site';
  const id = insertTask(db, { type, objectKind: kind, objectName: name, args: {}, secrets: {}, timeLimitS: 100 });
  if (to !== 'queued') startTask(db, id, {});
  if (to === 'committed') markCommitted(db, id, {});
  if (to === 'failed') endTask(db, id, { state: 'failed', error: ended.failed });
  return id;
}

/** The list of tasks, with the newest of some marked. */
function markNewest({ press }: OpenStore, count: number): void {
  press('4', 'ctrl-r', 'g', ...Array<string>(count).fill('space'));
}

const stateOf = ({ seeded }: OpenStore, id: number): string => {
  const task = findTask(seeded.db, id);
  return task?.cancelRequestedAt ? 'being cancelled' : (task?.state ?? 'gone');
};
const notice = ({ store }: OpenStore): string => store.getState().notice?.text ?? '';
const count = ({ seeded }: OpenStore): number => listTasks(seeded.db).length;

describe('a task that its worker has left', () => {
  const HALTED = halted();
  const error = { code: HALTED.code, message: HALTED.message, hint: HALTED.hint };

  async function saysOf(leave: (db: Inventory, id: number) => void): Promise<{ page: string; document: string }> {
    const open = await openStore();
    const { db } = open.seeded;
    const id = addTask(db, 'site.verify', 'shop.example.test', 'running');
    leave(db, id);
    open.press('4', 'ctrl-r', 'g', 'enter');
    const page = taskLayout(open.store.getState()).message.map(({ text }) => text);
    const task = findTask(db, id);
    return { page: page.join(' '), document: task ? (taskDetail(db, task).error?.hint ?? '') : '' };
  }

  it('is begun again by the next worker: nobody is told to do that', async () => {
    const said = await saysOf((db, id) => leaveTask(db, id, error));
    expect(said.page).toContain('starts it again automatically');
    expect(said.document).toContain('starts it again automatically');
    expect(said.page).not.toContain('task retry');
  });

  it('is undone where it had failed before, and finished where it was committed', async () => {
    expect((await saysOf((db, id) => leaveTask(db, id, { ...error, code: 'X' }))).page).toMatch(
      / undoes .* automatically/,
    );
    const committed = await saysOf((db, id) => {
      markCommitted(db, id, {});
      leaveTask(db, id);
    });
    expect(committed.page).toContain('The next worker finishes it automatically.');
  });

  it('says how it is run again once it has ended for good', async () => {
    const said = await saysOf((db, id) => endTask(db, id, { state: 'failed', error }));
    expect(said.page).toContain('task retry');
    expect(said.document).toContain('task retry');
  });
});

describe('trying a task again', () => {
  it('asks for the name where its type does: a delete is never one key', async () => {
    const open = await openStore();
    addTask(open.seeded.db, 'site.delete', 'shop.example.test', 'failed');
    const before = count(open);
    open.press('4', 'ctrl-r', 'g', 'R');
    expect(asked(open)).toMatchObject({ kind: 'typed', expected: 'shop.example.test' });
    expect(asked(open).lines.join(' ')).toContain('takes away its files');
    expect(asked(open).lines[0]).toContain('shop.example.test-20261123T030000Z-1b2c3d');
    open.press('enter');
    expect(count(open)).toBe(before);
    open.type('shop.example.test');
    open.press('enter');
    expect(count(open)).toBe(before + 1);
    expect(listTasks(open.seeded.db)[0]).toMatchObject({ type: 'site.delete', attempt: 2 });
  });

  it('of several names every task, and what a dangerous one takes away', async () => {
    const open = await openStore();
    addTask(open.seeded.db, 'site.delete', 'shop.example.test', 'failed');
    addTask(open.seeded.db, 'site.verify', 'blog.example.test', 'failed');
    markNewest(open, 2);
    open.press('R');
    expect(asked(open)).toMatchObject({ kind: 'typed', expected: '2 tasks' });
    const lines = asked(open).lines.join('\n');
    for (const words of ['verify blog.example.test', 'delete shop.example.test', 'takes away its files'])
      expect(lines).toContain(words);
  });

  it('that one task is refused stops no other; what was queued can be undone and is told of', async () => {
    const open = await openStore();
    const { db } = open.seeded;
    addTask(db, 'site.verify', 'gone.example.test', 'failed');
    addTask(db, 'site.verify', 'blog.example.test', 'failed');
    markNewest(open, 2);
    open.press('R');
    expect(asked(open).lines.join('\n')).toMatch(/left out: verify gone\.example\.test \(/);
    open.press('right', 'enter');
    const [again] = listTasks(db);
    expect(again).toMatchObject({ objectName: 'blog.example.test', attempt: 2 });
    expect(open.store.getState().lastQueued).toEqual([again?.id]);
    expect(open.store.getState().own).toContain(again?.id);
    expect(currentPage(open.store.getState()).list.marks.size).toBe(0);
    open.press('u');
    expect(stateOf(open, again?.id ?? 0)).toBe('being cancelled');
  });

  it('goes by what is true now, not by what the page of the task has read', async () => {
    const open = await openStore();
    const id = addTask(open.seeded.db, 'site.verify', 'blog.example.test', 'running');
    open.press('4', 'ctrl-r', 'g', 'enter');
    expect(currentPage(open.store.getState())).toMatchObject({ kind: 'task', name: String(id) });
    open.press('4');
    endTask(open.seeded.db, id, { state: 'failed', error: ended.failed });
    open.press('ctrl-r', 'R');
    expect(notice(open)).toBe('Queued again: verify blog.example.test');
  });
});

describe('cancelling tasks', () => {
  it('of one that waits is done at once; of one that runs after a question', async () => {
    const open = await openStore();
    const waits = addTask(open.seeded.db, 'site.verify', 'blog.example.test', 'queued');
    open.press('4', 'ctrl-r', 'g', 'c');
    expect(stateOf(open, waits)).toBe('being cancelled');
    open.press('j', 'c');
    expect(asked(open).title).toBe('Cancel verify new.example.test?');
    open.press('enter');
    expect(stateOf(open, open.seeded.running)).toBe('running');
    open.press('c', 'right', 'enter');
    expect(stateOf(open, open.seeded.running)).toBe('being cancelled');
  });

  it('of several asks with every name; one that is past its commit is left out and stops no other', async () => {
    const open = await openStore();
    const { db } = open.seeded;
    const [one, two] = ['blog', 'old'].map((name) => addTask(db, 'site.verify', `${name}.example.test`, 'running'));
    const past = addTask(db, 'site.verify', 'wiki.example.test', 'committed');
    markNewest(open, 3);
    open.press('c');
    const lines = asked(open).lines.join('\n');
    expect(lines).toContain('verify blog.example.test');
    expect(lines).toContain('verify old.example.test');
    expect(lines).toMatch(/left out: verify wiki\.example\.test \(.*past the point/);
    open.press('right', 'enter');
    expect([one, two, past].map((id) => stateOf(open, id ?? 0))).toEqual([
      'being cancelled',
      'being cancelled',
      'running',
    ]);
    expect(notice(open)).toContain('Being cancelled: 2 tasks');
    expect(currentPage(open.store.getState()).list.marks.size).toBe(0);
  });
});

describe('a command of another page', () => {
  it('is refused with the place where it is done, and acts on nothing that was shown before', async () => {
    const open = await openStore();
    const waits = addTask(open.seeded.db, 'site.verify', 'shop.example.test', 'queued');
    for (const line of ['site shop.example.test', 'batch-cancel']) {
      open.press(':');
      open.type(line);
      open.press('enter');
    }
    expect(notice(open)).toContain("this is done on a batch's page");
    expect(stateOf(open, waits)).toBe('queued');
  });

  it('takes no name of another kind for its own', async () => {
    const open = await openStore();
    open.press('2', ':');
    open.type('backup-delete');
    open.press('enter');
    expect(currentDialog(open.store.getState())).toBeUndefined();
    expect(notice(open)).toContain('there is no backup here');
  });
});

describe('a batch', () => {
  /** Three sites that are verified together. */
  async function verified(): Promise<{ open: OpenStore; batch: string; ids: readonly number[] }> {
    const open = await openStore();
    open.press('space', 'space', 'space', 'v', 'right', 'enter');
    const ids = open.store.getState().lastQueued;
    return { open, ids, batch: findTask(open.seeded.db, ids[0] ?? 0)?.batch ?? '' };
  }

  it('is found again: by T, by the beginning of its id, from a task of it, and by a filter', async () => {
    const { open, batch } = await verified();
    const page = () => currentPage(open.store.getState());
    open.press('T');
    expect(page()).toMatchObject({ kind: 'batch', name: batch });
    open.press('1', ':');
    open.type(`batch ${batch.slice(0, 6)}`);
    open.press('enter');
    expect(page()).toMatchObject({ kind: 'batch', name: batch });
    open.press('4', 'g', ':');
    open.type('batch');
    open.press('enter');
    expect(page()).toMatchObject({ kind: 'batch', name: batch });
    open.press('4', '/');
    open.type(`batch:${batch.slice(0, 6)}`);
    open.press('enter');
    expect(shownList(open.store.getState())?.rows).toHaveLength(3);
  });

  it('cancels its rest and tries again what failed, each after a question; a retry takes the place of its task', async () => {
    const { open, ids } = await verified();
    const [first = 0, second = 0] = ids;
    startTask(open.seeded.db, first, {});
    endTask(open.seeded.db, first, { state: 'failed', error: ended.failed });
    open.press('T', 'R');
    expect(notice(open)).toContain('Queued again: verify');
    open.press('ctrl-r', 'R');
    expect(notice(open)).toContain('none has failed');
    open.press('c');
    expect(asked(open).title).toBe('Cancel 3 tasks?');
    open.press('right', 'enter');
    expect(stateOf(open, second)).toBe('being cancelled');
  });
});
