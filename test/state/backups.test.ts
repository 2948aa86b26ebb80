import { describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { answerOf } from '../../src/state/forms/form.ts';
import { currentDialog, currentForm, currentPage } from '../../src/state/model/state.ts';
import { idUnderCursor, shownList } from '../../src/state/pages/list.ts';
import { openStore, until } from '../support/open-store.ts';

describe('the Backups view', () => {
  it('lists, filters and sorts backups, and opens the page of one', async () => {
    const { store, press, type } = await openStore();
    press('5');
    expect(shownList(store.getState())?.rows).toHaveLength(3);
    press('/');
    type('site:shop kind:kept');
    press('enter');
    expect(shownList(store.getState())?.rows).toHaveLength(1);
    press('enter');
    expect(currentPage(store.getState())).toMatchObject({ kind: 'backup' });
    const list = shownList(store.getState());
    expect(list?.rows.length).toBeGreaterThan(8);
  });

  it('shows the backups of a site on its page', async () => {
    const { store, press, type } = await openStore();
    press(':');
    type('site shop.example.test');
    press('enter', 'tab');
    expect(shownList(store.getState())?.rows).toHaveLength(2);
    press('enter');
    expect(currentPage(store.getState()).name).toMatch(/^shop\.example\.test-/);
  });

  it('restores the site of a backup, and makes a new one of it, in forms that name it', async () => {
    const { store, press, seeded } = await openStore();
    press('5');
    const name = idUnderCursor(shownList(store.getState())) ?? '';
    press('B');
    const restore = currentForm(store.getState())?.form;
    expect(restore?.draft).toBe(`site.restore ${listBackups(seeded.db)[0]?.uri ?? ''}`);
    expect(restore && answerOf(restore, 'backup')).toBe(name);
    press('esc', 'n');
    const made = currentForm(store.getState())?.form;
    expect(made?.definition.type).toBe('site.import');
    expect(made && answerOf(made, 'backup')).toBe(name);
  });

  it('names every backup before it deletes, and the sites that would have none left', async () => {
    const { store, press, seeded } = await openStore();
    press('5', 'a', 'd');
    const dialog = currentDialog(store.getState());
    if (dialog?.kind !== 'confirm') throw new Error('nothing was asked');
    expect(dialog.lines.filter((line) => /^ {2}\w+\.example\.test-/.test(line))).toHaveLength(3);
    expect(dialog.lines.join('\n')).toContain('No backup would be left of: wiki.example.test, shop.example.test.');
    expect(dialog.choices[dialog.selected]?.label).toBe('No, keep');
    press('enter');
    expect(listBackups(seeded.db)).toHaveLength(3);
  });

  it('says what is wrong with a backup that is not whole', async () => {
    const { store, press } = await openStore();
    press('5', 'v');
    await until(() => store.getState().notice?.tone === 'bad');
    expect(store.getState().notice?.text).toContain('there is no backup wiki.example.test-');
  });

  it('refuses to restore over a site that is gone, and says why', async () => {
    const { store, press, seeded } = await openStore();
    seeded.db.prepare("UPDATE backup SET uri = 'gone.example.test'").run();
    press('5', 'ctrl-r', 'B');
    expect(store.getState().notice?.text).toContain('there is no site gone.example.test');
  });
});

it('restores over a live site only when its name was typed; esc goes back to the form', async () => {
  const { store, press, type, seeded } = await openStore();
  const tasks = (): number => Number(seeded.db.prepare('SELECT count(*) FROM task').pluck().get());
  const before = tasks();
  press('5', 'B', 'ctrl-s');
  const dialog = currentDialog(store.getState());
  if (dialog?.kind !== 'typed') throw new Error('its name was not asked for');
  expect(dialog.lines.join(' ')).toContain('the safety backup can bring it back');
  expect(dialog.lines.join(' ')).toContain('Newest backup, ');
  press('esc');
  expect(currentForm(store.getState())).toBeDefined();
  press('ctrl-s', 'enter');
  expect(tasks()).toBe(before);
  type(dialog.expected);
  press('enter');
  expect(tasks()).toBe(before + 1);
  expect(currentPage(store.getState()).kind).toBe('task');
});

it('says for each of several sites which backup would bring it back', async () => {
  const { store, press, type } = await openStore({}, 6);
  press('/');
  type('s');
  press('enter', 'G', 'space', 'k', 'k', 'space', 'd', 'right', 'enter');
  const dialog = currentDialog(store.getState());
  const lines = dialog && 'lines' in dialog ? dialog.lines.join('\n') : '';
  expect(lines).toContain('Newest backup of wiki.example.test, ');
  expect(lines).toMatch(/There is no backup of \w+\.example\.test\./);
});
