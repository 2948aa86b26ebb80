import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rootPaths } from '../../../src/provision/model/paths.ts';
import { currentDialog, currentPage } from '../../../src/state/model/state.ts';
import { idUnderCursor, shownList } from '../../../src/state/pages/list.ts';
import { tourStops } from '../../../src/state/pages/tour.ts';
import { currentActor } from '../../../src/worker/actor.ts';
import type { Access } from '../../../src/worker/queue-access.ts';
import { openStore } from '../../support/open-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'aegir-session-'));
let sessionFile = '';
let count = 0;
beforeEach(() => {
  count += 1;
  sessionFile = join(folder, String(count), 'aegir/console.json');
});
// Not after each: a console that is closed then writes it once more.
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the next start', () => {
  it('finds view, filter, sort and selection as they were left', async () => {
    const open = await openStore({ sessionFile });
    open.press('o', 'O', '/');
    open.type('shop');
    open.press('enter', 'j', 'j');
    const site = idUnderCursor(shownList(open.store.getState()));
    open.press('2', 'j', '4', '1');
    await open.again();
    const page = currentPage(open.store.getState());
    expect(page).toMatchObject({ kind: 'sites', list: { filter: 'shop', sort: { column: 0, descending: true } } });
    expect(idUnderCursor(shownList(open.store.getState()))).toBe(site);
    open.press('2');
    expect(shownList(open.store.getState())?.cursor).toBe(1);
  });

  it('opens on the view that was left, and brings typed lines back', async () => {
    const open = await openStore({ sessionFile });
    open.press(':');
    open.type('platforms drupal');
    open.press('enter');
    await open.again();
    expect(currentPage(open.store.getState())).toMatchObject({ kind: 'platforms', list: { filter: 'drupal' } });
    open.press(':', 'up');
    expect(currentDialog(open.store.getState())).toMatchObject({ edit: { text: 'platforms drupal' } });
  });

  it('draws logs as they were drawn: broken lines, with or without times', async () => {
    const open = await openStore({ sessionFile });
    open.press(':');
    open.type(`log ${open.seeded.running}`);
    open.press('enter', 'w', 't');
    expect(currentPage(open.store.getState())).toMatchObject({ kind: 'task', log: { whole: true } });
    await open.again();
    expect(open.store.getState().logLooks).toEqual({ task: { wrap: true, timestamps: true } });
  });

  it('shows a long list where it was left, from its first frame on', async () => {
    const open = await openStore({ sessionFile }, 400);
    open.press('G');
    const site = idUnderCursor(shownList(open.store.getState()));
    await open.again();
    expect(idUnderCursor(shownList(open.store.getState()))).toBe(site);
  });

  it.each(['', '{', '[]', '{"view":7,"lists":{"sites":{"top":-4,"sort":{"column":99}}},"lineHistory":[1]}'])(
    'does not mind a file that holds %s',
    async (found) => {
      const open = await openStore({ sessionFile });
      await open.again();
      open.store.stop();
      writeFileSync(sessionFile, found);
      const second = await openStore({ sessionFile });
      expect(shownList(second.store.getState())?.rows).toHaveLength(40);
    },
  );

  it('keeps nothing that others may read, and no marks', async () => {
    const open = await openStore({ sessionFile });
    open.press('space');
    await open.again();
    expect(statSync(sessionFile).mode & 0o077).toBe(0);
    expect(readFileSync(sessionFile, 'utf8')).not.toContain('marks');
  });
});

describe('the tour', () => {
  it('is offered at the first start only', async () => {
    const open = await openStore({ sessionFile });
    expect(open.store.getState().notice?.text).toContain(':tour');
    await open.again();
    expect(open.store.getState().notice).toBeUndefined();
  });

  it('goes through what there is, one page after the other, and ends', async () => {
    const { store, press, type } = await openStore();
    press(':');
    type('tour');
    press('enter');
    expect(tourStops.length).toBeLessThanOrEqual(10);
    const seen: string[] = [];
    while (currentDialog(store.getState())) {
      seen.push(currentPage(store.getState()).kind);
      press('enter');
    }
    expect(seen).toHaveLength(tourStops.length);
    expect(seen.slice(0, 5)).toEqual(['sites', 'platforms', 'servers', 'tasks', 'task']);
  });

  it('says that nothing has failed where nothing has', async () => {
    const open = await openStore();
    open.press('4');
    const stop = tourStops.find(({ title }) => title === 'A task that failed');
    expect(stop?.without?.(open.store.getState())).toBeUndefined();
    open.seeded.db.exec("DELETE FROM task WHERE state = 'failed'");
    open.press('ctrl-r');
    expect(stop?.without?.(open.store.getState())).toContain('None has failed here');
  });

  it('can be left at any stop, goes back, and ends where it was begun', async () => {
    const { store, press, type } = await openStore();
    press('4', 'enter', ':');
    type('tour');
    press('enter', 'enter', 'left');
    expect(currentPage(store.getState()).kind).toBe('sites');
    press('esc');
    expect(currentDialog(store.getState())).toBeUndefined();
    expect(currentPage(store.getState())).toMatchObject({ kind: 'task', name: '2' });
    press(':');
    type('tour');
    press('enter', ...tourStops.map(() => 'enter'));
    expect(currentPage(store.getState())).toMatchObject({ kind: 'task', name: '2' });
  });

  it('goes on a machine that is not set up yet, and is offered where a trial was just made', async () => {
    vi.spyOn(process, 'getuid').mockReturnValue(1000);
    const made: { queue?: Access } = {};
    const deps = { queue: undefined, paths: rootPaths('/nonexistent/aegir'), runSetup: async () => made.queue };
    const { store, press, type, seeded } = await openStore(deps);
    made.queue = { inventory: seeded.db, paths: seeded.paths, actor: currentActor(), readOnly: false };
    press(':');
    type('tour');
    press('enter', 'enter', 'enter', 'enter', 'enter');
    expect(currentDialog(store.getState())).toMatchObject({ kind: 'tour', step: 4 });
    press('esc');
    expect(currentPage(store.getState()).kind).toBe('home');
    press('t');
    await expect.poll(() => store.getState().notice?.text).toContain(':tour');
  });
});
