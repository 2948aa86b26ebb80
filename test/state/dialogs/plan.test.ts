import { describe, expect, it } from 'vitest';
import { currentDialog, currentPage } from '../../../src/state/model/state.ts';
import { idUnderCursor, shownList } from '../../../src/state/pages/list.ts';
import type { TaskPlan } from '../../../src/worker/plan-task.ts';
import type { TaskRequest } from '../../../src/worker/queue-access.ts';
import { openStore, until } from '../../support/open-store.ts';

const plan: TaskPlan = {
  problem: undefined,
  first: [],
  notNeeded: [],
  log: [],
  acts: [
    { verb: 'file.write', args: {}, text: 'write /etc/nginx/x', diff: ['-old', '+new'], step: 'Publish' },
    { verb: 'file.write', args: {}, text: 'write /etc/nginx/y', diff: [], step: 'Publish' },
  ],
};

async function filledForm(planTask: (request: TaskRequest) => Promise<TaskPlan>) {
  const open = await openStore({ planTask });
  open.press('n');
  open.type('plan.example.test');
  open.press('tab');
  open.type('wp');
  open.press('tab');
  open.type('A title');
  open.press('tab');
  open.type('a@example.test');
  return open;
}

describe('the plan of a form', () => {
  it('shows commands and changed lines by step, changes nothing, and goes back to what was typed', async () => {
    const asked: TaskRequest[] = [];
    const { store, press } = await filledForm(async (request) => {
      asked.push(request);
      return plan;
    });
    press('ctrl-d');
    await until(() => currentDialog(store.getState())?.kind === 'plan');
    const dialog = currentDialog(store.getState());
    expect(dialog?.kind === 'plan' && dialog.lines.map(({ text }) => text)).toEqual([
      'Publish',
      '  write /etc/nginx/x',
      '    -old',
      '    +new',
      '  write /etc/nginx/y',
    ]);
    expect(asked[0]).toMatchObject({ type: 'site.install', object: 'plan.example.test', args: { platform: 'wp-6.8' } });
    expect(store.getState().lastQueued).toEqual([]);
    press('esc');
    const form = currentDialog(store.getState());
    expect(form?.kind === 'form' && form.form.values.object?.text).toBe('plan.example.test');
  });

  it('is queued by enter', async () => {
    const { store, press } = await filledForm(async () => plan);
    press('ctrl-d');
    await until(() => currentDialog(store.getState())?.kind === 'plan');
    press('enter');
    expect(currentPage(store.getState()).kind).toBe('task');
    expect(store.getState().lastQueued).toHaveLength(1);
  });

  it('says what stands in the way, and then enter queues nothing', async () => {
    const problem = { code: 'SERVICE_DOWN', message: 'mariadb is stopped', hint: 'Start it.' };
    const { store, press } = await filledForm(async () => ({ ...plan, acts: [], problem }));
    press('ctrl-d');
    await until(() => currentDialog(store.getState())?.kind === 'plan');
    expect(JSON.stringify(currentDialog(store.getState()))).toContain('mariadb is stopped');
    press('enter');
    expect(store.getState().lastQueued).toEqual([]);
  });

  it('is not made of answers that are none', async () => {
    const open = await openStore({ planTask: async () => plan });
    open.press('n', 'ctrl-d');
    const dialog = currentDialog(open.store.getState());
    expect(dialog?.kind === 'form' && dialog.form.seen.size).toBeGreaterThan(0);
  });
});

it('what was typed in a form outlives a change in the background', async () => {
  const { store, press, type, seeded } = await openStore();
  press('n');
  type('kept.example.test');
  const before = store.getState().data.generation;
  seeded.db.prepare("UPDATE task SET progress = NULL WHERE state = 'running'").run();
  await until(() => store.getState().data.generation > before);
  const dialog = currentDialog(store.getState());
  expect(dialog?.kind === 'form' && dialog.form.values.object?.text).toBe('kept.example.test');
});

describe('Clients', () => {
  it('are listed with their sites, and enter shows the sites of exactly one', async () => {
    const { store, press } = await openStore();
    press('6');
    expect(idUnderCursor(shownList(store.getState()))).toBe('admin');
    press('enter');
    expect(currentPage(store.getState())).toMatchObject({ kind: 'sites', list: { filter: 'client:=admin' } });
    expect(shownList(store.getState())?.rows).toHaveLength(40);
    press('q');
    expect(currentPage(store.getState()).kind).toBe('clients');
  });
});
