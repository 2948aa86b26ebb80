import { describe, expect, it } from 'vitest';
import { listTasks } from '../../../src/db/tasks.ts';
import { currentPage } from '../../../src/state/model/state.ts';
import { runningLines } from '../../../src/state/pages/frame.ts';
import { bodyHeight } from '../../../src/state/pages/layout.ts';
import { type OpenStore, openStore, until } from '../../support/open-store.ts';

const SITES = 600;

/** Marks all sites and asks to verify them; a yes is one key away. */
async function asked(): Promise<OpenStore> {
  const open = await openStore({}, SITES);
  open.press('a', 'v', 'right');
  return open;
}

const queued = ({ seeded }: OpenStore): number => listTasks(seeded.db, { states: ['queued'] }).length;
const going = ({ store }: OpenStore) => runningLines(store.getState()).filter(({ what }) => what === 'queue verify');

describe('very many marked sites', () => {
  it('are queued behind the screen, which says how far it is and takes keys meanwhile', async () => {
    const open = await asked();
    const { store, press } = open;
    const height = bodyHeight(store.getState());
    press('enter');
    const first = queued(open);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(SITES);
    expect(going(open)).toEqual([expect.objectContaining({ progress: `${first} of ${SITES} sites` })]);
    expect(bodyHeight(store.getState())).toBe(height - 1);
    expect(currentPage(store.getState()).list.marks.size).toBe(0);
    await until(() => queued(open) > first);
    press('4');
    expect(currentPage(store.getState()).kind).toBe('tasks');
    await until(() => store.getState().going.length === 0);
    expect(queued(open)).toBe(SITES);
    expect(store.getState().notice?.text).toContain(`Queued: verify, ${SITES} sites`);
    expect(new Set(listTasks(open.seeded.db, { states: ['queued'] }).map(({ batch }) => batch)).size).toBe(1);
    expect(store.getState().lastQueued).toHaveLength(SITES);
    expect(going(open)).toEqual([]);
  });

  it('are all queued when the console is left meanwhile', async () => {
    const open = await asked();
    open.press('enter');
    expect(queued(open)).toBeLessThan(SITES);
    open.store.stop();
    expect(queued(open)).toBe(SITES);
  });

  it('can be taken back, behind the screen too', async () => {
    const open = await asked();
    const { store, press, seeded } = open;
    press('enter');
    await until(() => store.getState().going.length === 0);
    press('u', 'right', 'enter');
    expect(runningLines(store.getState()).map(({ what }) => what)).toContain('cancel');
    await until(() => store.getState().going.length === 0);
    expect(listTasks(seeded.db, { states: ['queued'] }).every(({ cancelRequestedAt }) => cancelRequestedAt)).toBe(true);
    expect(store.getState().notice?.text).toBe(`Being cancelled: ${SITES} tasks`);
  });
});
