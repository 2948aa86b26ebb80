import { describe, expect, it } from 'vitest';
import { rankEntries } from '../../../src/state/dialogs/rank.ts';
import type { PaletteEntry } from '../../../src/state/model/parts.ts';
import { type ConsoleState, currentDialog, currentPage, type Dialog } from '../../../src/state/model/state.ts';
import { idUnderCursor, shownList } from '../../../src/state/pages/list.ts';
import { openStore } from '../../support/open-store.ts';

const palette = (state: ConsoleState): Extract<Dialog, { kind: 'palette' }> => {
  const dialog = currentDialog(state);
  if (dialog?.kind !== 'palette') throw new Error(`on top is ${dialog?.kind}`);
  return dialog;
};

describe('the palette', () => {
  it('finds an object by a part of its name, and goes there', async () => {
    const { store, press, type } = await openStore();
    press('ctrl-p');
    type('wiki11');
    expect(palette(store.getState()).found[0]).toMatchObject({ kind: 'site', name: 'wiki11.example.test' });
    press('enter');
    expect(currentPage(store.getState())).toMatchObject({ kind: 'site', name: 'wiki11.example.test' });
  });

  it('finds a name with a slip in it', async () => {
    const { store, press, type } = await openStore();
    press('ctrl-p');
    type('drupla-10');
    expect(palette(store.getState()).found.some(({ name }) => name === 'drupal-10.5')).toBe(true);
  });

  it.each([
    ['wiki.example.test logs', { kind: 'site', name: 'wiki.example.test', tab: 4 }],
    ['wiki.example.test-2026', { kind: 'backup', name: 'wiki.example.test-20261123T030100Z-2c3d4e' }],
    ['verify forum', { kind: 'task', name: '1' }],
    ['admin', { kind: 'sites', list: { filter: 'client:=admin' } }],
  ])('finds logs, backups, tasks that have ended, and clients: %s', async (typed, page) => {
    const { store, press, type } = await openStore();
    press('ctrl-p');
    type(typed);
    press('enter');
    expect(currentPage(store.getState())).toMatchObject(page);
  });

  it('runs a command that can be used here', async () => {
    const { store, press, type } = await openStore();
    press('ctrl-p');
    type('Platforms');
    press('enter');
    expect(currentPage(store.getState()).kind).toBe('platforms');
  });

  it('asks on the : line for the name that a command needs and the page has not', async () => {
    const { store, press, type } = await openStore();
    press('2', 'ctrl-p');
    type('Site: verify');
    press('enter');
    expect(currentDialog(store.getState())).toMatchObject({ kind: 'line', edit: { text: 'site-verify ' } });
  });

  it('takes a paste, and esc leaves all as it was', async () => {
    const { store, press } = await openStore();
    const before = idUnderCursor(shownList(store.getState()));
    press('ctrl-p');
    store.paste('shop');
    expect(palette(store.getState()).found[0]?.name).toContain('shop');
    press('esc');
    expect(currentDialog(store.getState())).toBeUndefined();
    expect(idUnderCursor(shownList(store.getState()))).toBe(before);
  });
});

it('the one that is meant is found among a hundred thousand', () => {
  const entries = Array.from({ length: 100_000 }, (_, number): PaletteEntry => {
    const name = `site-${number}.example.org`;
    return { kind: 'site', name, text: name, about: 'site' };
  });
  expect(rankEntries('site-99999', entries)[0]?.name).toBe('site-99999.example.org');
});
