import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endTask } from '../../../src/db/task-changes.ts';
import { rootPaths } from '../../../src/provision/model/paths.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import { currentDialog, currentPage } from '../../../src/state/model/state.ts';
import type { ConsoleDeps, ConsoleStore } from '../../../src/state/model/store.ts';
import { idUnderCursor, shownList } from '../../../src/state/pages/list.ts';
import { createConsole } from '../../../src/state/store/console.ts';
import { loadTaskCatalogue } from '../../../src/state/store/task-catalogue.ts';
import { registry } from '../../support/registry.ts';
import { type Seeded, seedInventory } from '../../support/seed-inventory.ts';

let root = '';
let seeded: Seeded;
let store: ConsoleStore;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aegir-state-'));
  seeded = seedInventory(root, { sites: 40 });
});
afterEach(() => {
  store.stop();
  seeded.db.close();
  rmSync(root, { recursive: true, force: true });
});

async function open(deps: Partial<ConsoleDeps> = {}): Promise<ConsoleStore> {
  const { db: inventory, paths } = seeded;
  const queue = { inventory, paths, actor: { actor: 'root', sudoUser: null, sshClient: null }, readOnly: false };
  store = createConsole({ registry, queue, paths, version: '0', loadProgram: async () => standardProgram, ...deps });
  store.start({ stepAside: (work) => work(), stopProcess: async () => {}, copy: () => true });
  const loaded = await loadTaskCatalogue(standardProgram);
  await new Promise<void>((resolve) => {
    const stop = store.subscribe(() => {
      if (store.getState().catalogue) resolve(stop());
    });
    if (store.getState().catalogue) resolve(stop());
  });
  expect(loaded.definitions.length).toBeGreaterThan(0);
  return store;
}

const press = (...keys: string[]): void => {
  for (const key of keys) store.press(key);
};
const type = (text: string): void => press(...text);
const cursor = (): string | undefined => idUnderCursor(shownList(store.getState()));
const tasks = (): number => Number(seeded.db.prepare('SELECT count(*) FROM task').pluck().get());

describe('a list', () => {
  it('keeps its cursor on the same site when sorting, filtering and background changes move it', async () => {
    await open();
    press('j', 'j', 'j');
    const site = cursor();
    press('o', 'O');
    expect(cursor()).toBe(site);
    press('/');
    type(site?.slice(0, 6) ?? '');
    press('enter');
    expect(cursor()).toBe(site);
    press('esc');
    expect(cursor()).toBe(site);
  });

  it('scrolls no further than its rows, and stays where it is at both ends', async () => {
    await open();
    press('G');
    const { top } = currentPage(store.getState()).list;
    const list = shownList(store.getState());
    expect(top + (list?.height ?? 0)).toBe(40);
    press('j', 'pgdn');
    expect(list?.cursor).toBe(39);
    press('g', 'k');
    expect(shownList(store.getState())?.cursor).toBe(0);
  });

  it('remembers filter and cursor of a view while another is looked at', async () => {
    await open();
    press('/');
    type('shop');
    press('enter', 'j', '4', '1');
    expect(currentPage(store.getState()).list.filter).toBe('shop');
  });

  it('keeps marks by name; esc clears the filter first, then the marks', async () => {
    await open();
    press('space', 'space', '/');
    type('wiki');
    press('enter');
    expect(currentPage(store.getState()).list.marks.size).toBe(2);
    press('esc');
    expect(currentPage(store.getState()).list).toMatchObject({ filter: '' });
    press('esc');
    expect(currentPage(store.getState()).list.marks.size).toBe(0);
  });
});

describe('a task', () => {
  it('is refused with the queue’s own reason', async () => {
    await open();
    press('2', 'd');
    expect(store.getState().notice?.text).toContain('has sites');
  });

  it('that was queued here is told of when it ends', async () => {
    await open();
    press('v');
    const [id] = store.getState().lastQueued;
    endTask(seeded.db, id ?? 0, { state: 'succeeded' });
    await until(() => store.getState().notice?.text.startsWith('Done: verify') === true);
  });

  it('is not queued in a read-only session, whichever way it is asked for', async () => {
    await open({ readOnly: true });
    const before = tasks();
    press('v');
    expect(store.getState().notice?.text).toContain('read-only');
    press(':');
    type('site-verify blog.example.test');
    press('enter');
    expect(store.getState().notice?.text).toContain('read-only');
    expect(tasks()).toBe(before);
  });

  it('that cannot be done to all marked sites names those that are left out', async () => {
    await open();
    press('v', 'space', 'space', 'v');
    const dialog = currentDialog(store.getState());
    expect(dialog).toMatchObject({ kind: 'confirm', selected: 0 });
    const lines = dialog?.kind === 'confirm' ? dialog.lines.join('\n') : '';
    expect(lines).toContain('left out: blog.example.test (task');
  });
});

describe('a form', () => {
  it('says what is wrong as one types, and where when it cannot be queued', async () => {
    await open();
    press('n');
    type('shop.example.test');
    press('ctrl-s');
    const dialog = currentDialog(store.getState());
    const form = dialog?.kind === 'form' ? dialog.form : undefined;
    expect(form?.current).toBe('object');
    const uri = form?.questions[0];
    expect(uri?.check('shop.example.test')).toBe('shop.example.test exists already');
    expect(uri?.check('no host')).toContain('is not a host name');
    expect(tasks()).toBe(2);
  });

  it('offers the profiles of the platform that was chosen', async () => {
    await open();
    press('n', 'tab');
    type('spip');
    press('enter', 'tab', 'tab', 'tab', 'tab');
    expect(store.choices().map((choice) => choice.value)).toEqual(['standard', 'minimal']);
  });

  it('takes what is pasted as one answer', async () => {
    await open();
    press('n');
    store.paste(' new-site.example.test\n');
    const dialog = currentDialog(store.getState());
    expect(dialog?.kind === 'form' && dialog.form.values.object?.text).toBe('new-site.example.test');
  });

  it('forgets secrets when it is left', async () => {
    await open();
    press('n', 'tab', 'tab', 'tab', 'tab', 'tab');
    type('secret-word');
    press('esc');
    expect(JSON.stringify(store.getState().drafts)).not.toContain('secret-word');
  });
});

it('a machine without an inventory gets the page of a new machine, and leaves it when setup has made one', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'aegir-state-'));
  store = createConsole({
    registry,
    queue: undefined,
    paths: rootPaths(empty),
    version: '0',
    loadProgram: async () => standardProgram,
  });
  expect(currentPage(store.getState()).kind).toBe('home');
  store.start({ stepAside: (work) => work(), stopProcess: async () => {}, copy: () => true });
  seedInventory(empty).db.close();
  await until(() => currentPage(store.getState()).kind === 'sites');
  rmSync(empty, { recursive: true, force: true });
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !holds(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}
