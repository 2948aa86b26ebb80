import { describe, expect, it } from 'vitest';
import { savePackages } from '../../src/db/packages.ts';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { findSite } from '../../src/db/sites.ts';
import { listTasks } from '../../src/db/tasks.ts';
import { currentDialog, currentPage } from '../../src/state/model/state.ts';
import { currentFacts } from '../../src/state/pages/definition.ts';
import { idUnderCursor, shownList } from '../../src/state/pages/list.ts';
import { type OpenStore, openStore } from '../support/open-store.ts';

/** The console on the page that compares wp-6.8 with wp-6.9. */
async function compared(version = '6.9'): Promise<OpenStore> {
  const open = await openStore();
  const { db } = open.seeded;
  const source = 'path:/srv/wp-6.9';
  insertPlatform(db, { name: 'wp-6.9', server: 'server_master', root: '/srv/wp-6.9', source, managed: false });
  updatePlatform(db, 'wp-6.9', { state: 'ready', engine: 'wordpress', version, profiles: [] }, true);
  open.press('2', 'ctrl-r', '/');
  open.type('wp-6.8');
  open.press('enter', 'm');
  expect(currentDialog(open.store.getState())).toMatchObject({ kind: 'palette', entries: [{ text: 'wp-6.9' }] });
  open.press('enter');
  expect(currentPage(open.store.getState())).toMatchObject({ kind: 'compare', name: 'wp-6.8 wp-6.9' });
  return open;
}

/** One of the sites uses what the other platform does not have. */
function useWhatIsMissing({ seeded, press }: OpenStore): void {
  const site = findSite(seeded.db, 'blog.example.test');
  const akismet = { kind: 'plugin', name: 'akismet', title: 'Akismet Anti-spam', version: '5.1' };
  savePackages(seeded.db, { siteId: site?.id ?? 0 }, [akismet]);
  press('ctrl-r');
}

describe('moving sites from the console', () => {
  it('compares first: per site a verdict, then package by package', async () => {
    const { store, press } = await compared();
    expect(shownList(store.getState())?.rows).toHaveLength(14);
    expect(JSON.stringify(currentFacts(store.getState()))).toContain('can move');
    press('tab');
    expect(shownList(store.getState())?.table.columns[0]?.title).toBe('PACKAGE');
  });

  it('moves what is marked, after a question that names each, and shows the batch', async () => {
    const { store, press, seeded } = await compared();
    const before = listTasks(seeded.db, { limit: 100 }).length;
    const first = idUnderCursor(shownList(store.getState())) ?? '';
    press('space', 'space', 'm');
    const dialog = currentDialog(store.getState());
    if (dialog?.kind !== 'confirm') throw new Error('nothing was asked');
    expect(dialog.title).toBe('Move 2 sites from wp-6.8 to wp-6.9?');
    expect(dialog.lines).toContain(`  ${first}`);
    expect(dialog.choices[dialog.selected]?.label).toBe('No, leave them');
    press('right', 'enter');
    expect(currentPage(store.getState()).kind).toBe('batch');
    expect(shownList(store.getState())?.rows).toHaveLength(2);
    expect(listTasks(seeded.db, { limit: 100 })).toHaveLength(before + 2);
    press('c', 'right', 'enter');
    expect(store.getState().data.objectTasks.map((task) => task.cancelRequested)).toEqual([true, true]);
  });

  it('marks sites alone: packages of the other tab are none', async () => {
    const { store, press } = await compared();
    press('tab', 'space', 'm');
    expect(currentPage(store.getState()).list.marks.size).toBe(0);
    expect(currentDialog(store.getState())).toBeUndefined();
    expect(store.getState().notice).toBeUndefined();
    press('tab', 'space', 'm');
    expect(currentDialog(store.getState())).toMatchObject({ kind: 'confirm' });
  });

  it('opens a site that is blocked: every reason, what to do, what changes', async () => {
    const open = await compared();
    useWhatIsMissing(open);
    const { store, press } = open;
    const [shown] = store.getState().data.comparison?.sites.filter(({ verdict }) => verdict === 'blocked') ?? [];
    press('/');
    open.type('verdict:blocked');
    press('enter', 'enter');
    const dialog = currentDialog(store.getState());
    if (dialog?.kind !== 'confirm') throw new Error('nothing was shown');
    expect(dialog.title).toBe(`${shown?.uri} is blocked`);
    const said = dialog.lines.join('\n');
    expect(said).toContain('lacks what');
    expect(said).toContain('Add it to the platform and verify the platform');
    expect(said).toMatch(/missing +plugin akismet 5\.1/);
    press('right', 'enter');
    expect(currentPage(store.getState())).toMatchObject({ kind: 'site', name: shown?.uri });
  });

  it('moves what is blocked by what can be meant when it is said so', async () => {
    const open = await compared();
    useWhatIsMissing(open);
    const { store, press, seeded } = open;
    const before = listTasks(seeded.db, { limit: 100 }).length;
    press('m');
    const dialog = currentDialog(store.getState());
    if (dialog?.kind !== 'confirm') throw new Error('nothing was asked');
    expect(dialog.title).toBe('Move 13 sites from wp-6.8 to wp-6.9?');
    expect(dialog.lines.some((line) => line.includes('only anyway: blog.example.test'))).toBe(true);
    expect(dialog.choices.map(({ label }) => label)).toEqual(['No', 'Yes, move', 'Stop at a failure', 'All anyway']);
    press('right', 'right', 'right', 'enter');
    expect(listTasks(seeded.db, { limit: 100 })).toHaveLength(before + 14);
    const [task] = listTasks(seeded.db, { object: { kind: 'site', name: 'blog.example.test' }, limit: 1 });
    expect(task?.args).toMatchObject({ anyway: true, keepDays: 7 });
  });

  it('takes how many at once and for how long from the words of the command line', async () => {
    const { store, press, type, seeded } = await compared();
    const line = (text: string): void => {
      press(':');
      type(text);
      press('enter');
    };
    line('move --at-once none');
    expect(store.getState().notice?.text).toBe('--at-once "none" is not a whole number of at least 1');
    line('move --at-once 4 --keep-days=14');
    press('right', 'enter');
    expect(JSON.stringify(currentFacts(store.getState()))).toContain('"at once","cell":{"text":"4"}');
    expect(JSON.stringify(currentFacts(store.getState()))).toContain('"at a failure","cell":{"text":"goes on"}');
    const [task] = listTasks(seeded.db, { limit: 1 });
    expect(task?.args).toMatchObject({ keepDays: 14 });
  });

  it('says why none can move', async () => {
    const { store, press } = await compared('6.7');
    press('m');
    expect(currentDialog(store.getState())).toBeUndefined();
    expect(store.getState().notice?.text).toContain('wp-6.9 is wordpress 6.7');
  });
});
