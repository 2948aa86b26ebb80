import { describe, expect, it } from 'vitest';
import { listClients } from '../../src/db/clients.ts';
import { listTasks } from '../../src/db/tasks.ts';
import { currentDialog } from '../../src/state/model/state.ts';
import { openStore } from '../support/open-store.ts';

const dialogOf = (open: Awaited<ReturnType<typeof openStore>>) => currentDialog(open.store.getState());
const formOf = (open: Awaited<ReturnType<typeof openStore>>) => {
  const dialog = dialogOf(open);
  if (dialog?.kind !== 'form') throw new Error(`a form was expected, there is ${dialog?.kind}`);
  return dialog.form;
};
const line = (open: Awaited<ReturnType<typeof openStore>>, words: string): void => {
  open.press(':');
  open.type(words);
  open.press('enter');
};

describe('a task whose questions need no answer', () => {
  it('opens its form all the same, and shows what the site has now', async () => {
    const open = await openStore();
    const { uri } = open.store.getState().data.sites.lines[0] ?? { uri: '' };
    line(open, `site-set ${uri}`);
    const memory = formOf(open).questions.find(({ name }) => name === 'memoryMb');
    expect(memory?.now).toBe('256');
    open.type('300');
    open.press('ctrl-enter');
    expect(listTasks(open.seeded.db, { limit: 1 })[0]).toMatchObject({ type: 'site.set', args: { memoryMb: 300 } });
  });

  it.each(['site-alias', 'site-redirect', 'site-lock'])(
    'queues nothing before it is filled in: %s',
    async (command) => {
      const open = await openStore();
      const before = listTasks(open.seeded.db).length;
      line(open, `${command} ${open.store.getState().data.sites.lines[0]?.uri}`);
      expect(formOf(open).definition.type).toBe(command.replace('-', '.'));
      expect(listTasks(open.seeded.db)).toHaveLength(before);
    },
  );

  it('begins at once where they are for few, and opens its form after ctrl-o', async () => {
    const open = await openStore();
    const [uri, other] = open.store
      .getState()
      .data.sites.lines.slice(3, 5)
      .map((site) => site.uri);
    line(open, `site-backup ${uri}`);
    expect(listTasks(open.seeded.db, { limit: 1 })[0]).toMatchObject({
      type: 'site.backup',
      args: { description: '' },
    });
    open.press('esc', 'esc', 'ctrl-o');
    line(open, `site-backup ${other}`);
    open.type('before the theme');
    open.press('ctrl-enter');
    expect(listTasks(open.seeded.db, { limit: 1 })[0]?.args).toMatchObject({ description: 'before the theme' });
    expect(open.store.getState().withOptions).toBe(false);
  });

  it('is done to several at once, after their names were shown', async () => {
    const open = await openStore();
    open.press('1', 'space', 'space', 'space');
    open.press('?');
    open.type('Changes PHP limits');
    open.press('enter');
    expect(formOf(open).objects).toHaveLength(3);
    open.type('300');
    open.press('ctrl-enter');
    const dialog = dialogOf(open);
    if (dialog?.kind !== 'confirm') throw new Error('a question was expected');
    expect(dialog.title).toMatch(/^Set \d sites\?$/);
    const named = dialog.lines.filter((text) => text.startsWith('  ')).length;
    expect(named).toBe(3);
    open.press('right', 'enter');
    const queued = listTasks(open.seeded.db).filter(({ type, args }) => type === 'site.set' && args.memoryMb === 300);
    expect(queued.length).toBeGreaterThan(1);
    expect(new Set(queued.map(({ batch }) => batch)).size).toBe(1);
    expect(dialogOf(open)).toBeUndefined();
  });
});

it('a move to another platform is asked for with what changes by it', async () => {
  const open = await openStore();
  const { uri, platform } = open.store.getState().data.sites.lines[0] ?? { uri: '', platform: '' };
  line(open, `site-migrate ${uri}`);
  open.type(platform === 'wp-6.8' ? 'drupal-10.5' : 'wp-6.8');
  open.press('ctrl-enter');
  const dialog = dialogOf(open);
  expect(dialog).toMatchObject({ kind: 'confirm', title: `Migrate site ${uri}?`, selected: 0 });
  expect(JSON.stringify(dialog)).toContain('for seven days');
  open.press('esc');
  expect(formOf(open).definition.type).toBe('site.migrate');
});

describe('what a question offers', () => {
  it('is only what can be meant: other platforms of the same CMS', async () => {
    const open = await openStore();
    const { uri } = open.store.getState().data.sites.lines[0] ?? { uri: '' };
    line(open, `site-migrate ${uri}`);
    expect(open.store.choices()).toEqual([]);
    open.press('esc');
    line(open, `site-clone`);
    open.press('tab', 'tab');
    expect(open.store.choices().length).toBeGreaterThan(0);
  });

  it('names backups by when they were made', async () => {
    const open = await openStore();
    line(open, 'site-restore wiki.example.test');
    expect(open.store.choices()[0]).toMatchObject({
      value: expect.stringContaining('wiki.example.test-'),
      shown: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d$/),
    });
  });
});

describe('what is said', () => {
  it('is read whole by ctrl-n, with what to do', async () => {
    const open = await openStore();
    open.press('2', 'd');
    const said = open.store.getState().notice?.text ?? '';
    expect(said).toContain('Move or delete them first');
    open.press('ctrl-n');
    const dialog = dialogOf(open);
    expect(dialog?.kind === 'confirm' && dialog.lines[0]).toContain(said);
    open.press('enter');
    expect(dialogOf(open)).toBeUndefined();
  });
});

describe('clients', () => {
  it('are added, changed and removed in their view, with the reason where that cannot be', async () => {
    const open = await openStore();
    const clients = () => listClients(open.seeded.db).map(({ name, mail, maxSites }) => ({ name, mail, maxSites }));
    open.press('6', 'n');
    open.type('Ann Example');
    open.press('tab');
    open.type('no address');
    open.press('ctrl-s');
    expect(formOf(open).refusal).toMatchObject({ field: 'mail' });
    open.press('ctrl-u');
    open.type('ann@example.org');
    open.press('tab');
    open.type('3');
    open.press('ctrl-s');
    expect(dialogOf(open)).toBeUndefined();
    expect(clients()).toContainEqual({ name: 'Ann Example', mail: 'ann@example.org', maxSites: 3 });
    line(open, 'client-edit Ann Example');
    expect(formOf(open).questions.find(({ name }) => name === 'maxSites')?.now).toBe('3');
    open.press('tab', 'tab');
    open.type('5');
    open.press('ctrl-s');
    expect(clients()).toContainEqual({ name: 'Ann Example', mail: 'ann@example.org', maxSites: 5 });
    line(open, 'client-remove admin');
    open.press('right', 'enter');
    expect(open.store.getState().notice?.text).toContain('client admin owns all sites without another');
    line(open, 'client-remove Ann Example');
    open.press('right', 'enter');
    expect(clients().map(({ name }) => name)).toEqual(['admin']);
  });
});
