import { describe, expect, it } from 'vitest';
import { findClient, insertClient } from '../../src/db/clients.ts';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { switchRelease } from '../../src/db/releases.ts';
import { findSite } from '../../src/db/sites.ts';
import { listTasks, taskSecrets } from '../../src/db/tasks.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { type Field, fieldsOf } from '../../src/provision/tasks/model/fields.ts';
import { answerOf, problemsOf } from '../../src/state/forms/form.ts';
import type { FormState } from '../../src/state/model/form.ts';
import { currentDialog } from '../../src/state/model/state.ts';
import { clientArgs, clientEditArgs } from '../../src/worker/clients.ts';
import { type OpenStore, openStore } from '../support/open-store.ts';
import { typeLine } from '../support/walk.ts';

const URI = 'shop.example.test';
const BACKUP = 'shop.example.test-20261123T030000Z-1b2c3d';

type Answers = Record<string, string | number | boolean>;

const php = { memoryMb: 300, uploadMb: 70, children: 7, timeS: 90 };

/** What is typed into each field, by task type: none is what the field says by itself. */
const answers: Record<string, Answers> = {
  'platform.add': { from: 'archive:https://example.org/cms.tar.gz', sha256: 'a'.repeat(64), php: '8.4', again: false },
  'server.restart': { service: 'php' },
  'platform.lock': { reason: 'it is old' },
  'site.install': {
    ...{ platform: 'spip-4.4', title: 'A new site', adminMail: 'ann@example.org', adminName: 'ann-example' },
    ...{ adminPassword: 'a secret word', profile: 'minimal', language: 'fr', client: 'Ann Example', ...php },
  },
  'site.verify': { check: true },
  'site.login': { user: 'editor' },
  'site.backup': { description: 'before the sale', keep: 3 },
  'site.restore': { backup: BACKUP, platform: 'drupal-10.6', otherVersion: true, otherSite: true },
  'site.clone': {
    ...{ source: URI, platform: 'drupal-10.6', client: 'Ann Example' },
    ...{ noindex: 'no', cron: 'on', mail: 'on' },
  },
  'site.import': {
    ...{ backup: BACKUP, from: '/srv/site.tar.gz', dump: '/srv/site.sql.gz', site: 'default', again: false },
    ...{ address: 'https://www.example.org', platform: 'drupal-10.6', client: 'Ann Example' },
  },
  'site.migrate': { platform: 'drupal-10.6', keepDays: 9, anyway: true },
  'site.disable': { status: '404' },
  'site.rename': { to: 'store.example.test', redirect: true },
  'site.alias': { add: 'www.example.org', remove: 'old.example.org' },
  'site.redirect': { to: URI, only: 'www.example.org' },
  'site.set': {
    ...{ ...php, cron: 30, backupHours: 24, keep: 4, noindex: 'yes', mail: 'off' },
    ...{ authUser: 'guest', authPassword: 'another secret', client: 'Ann Example' },
  },
  'site.lock': { reason: 'under audit' },
  'site.delete': { backup: 'yes' },
};

function formOf({ store }: OpenStore): FormState {
  const dialog = currentDialog(store.getState());
  if (dialog?.kind !== 'form')
    throw new Error(`there is no form but ${dialog?.kind}: ${store.getState().notice?.text}`);
  return dialog.form;
}

const typed = (value: Answers[string]): string => (value === true ? 'yes' : value === false ? 'no' : String(value));
const keysOf = (text: string): string[] => [...text].map((letter) => (letter === ' ' ? 'space' : letter));

/** Answers the question that has the keys, in place of what stands there, and goes to the next. */
function answer({ press }: OpenStore, value: Answers[string]): void {
  press('end', 'ctrl-u', ...keysOf(typed(value)), 'tab');
}

/** Answers every question of a form in its order; gives the questions that were met. */
function fill(open: OpenStore, name: string, values: Answers): string[] {
  // Until all are shown: a form of advanced questions alone shows them at once.
  if (formOf(open).questions.some(({ advanced }) => advanced) && !formOf(open).advanced) open.press('ctrl-o');
  const met: string[] = [];
  for (let left = 40; left > 0; left -= 1) {
    const { current } = formOf(open);
    met.push(current);
    answer(open, current === 'object' ? name : (values[current] ?? ''));
    if (formOf(open).current === current) return met;
  }
  return met;
}

/** Answers what is asked before a dangerous task: the name, or yes. */
function confirm(open: OpenStore): void {
  const dialog = currentDialog(open.store.getState());
  if (dialog?.kind === 'typed') open.press(...keysOf(dialog.expected), 'enter');
  else if (dialog?.kind === 'confirm') open.press('right', 'enter');
}

/** Why a form is still open; empty when none is. */
function leftOpen({ store }: OpenStore): unknown[] {
  const dialog = currentDialog(store.getState());
  if (dialog?.kind !== 'form') return dialog ? [dialog.kind] : [];
  const { form } = dialog;
  return [form.current, answerOf(form, form.current), ...problemsOf(form), form.refusal?.message];
}

async function openFurnished(): Promise<OpenStore> {
  const open = await openStore({}, 6);
  const { db } = open.seeded;
  insertClient(db, { name: 'Ann Example', mail: '', maxSites: null, maxDiskBytes: null });
  insertPlatform(db, { name: 'drupal-10.6', server: 'server_master', root: '/srv/d', source: '', managed: false });
  const profiles = [{ name: 'standard', title: '' }];
  updatePlatform(db, 'drupal-10.6', { state: 'ready', engine: 'drupal', version: '10.6', profiles }, true);
  open.press('ctrl-r');
  return open;
}

/** What a task is done to that makes nothing. */
const objects = { site: URI, platform: 'wp-6.8', server: 'server_master' };
const asked = standardProgram.tasks.list.filter(({ args }) => fieldsOf(args).length > 0);
const fieldNames = (fields: readonly Field[]): string[] => fields.map(({ name }) => name);

describe('every field of every form', () => {
  it.each(asked.map((definition) => [definition.type, definition] as const))(
    'can be answered, and its answer arrives: %s',
    async (type, definition) => {
      const open = await openFurnished();
      const { db } = open.seeded;
      const fields = fieldsOf(definition.args);
      const values = answers[type] ?? {};
      expect(Object.keys(values).sort()).toEqual(fieldNames(fields).sort());
      const made = definition.object === 'site' ? 'brand-new.example.org' : 'brand-new';
      const object = definition.creates ? made : objects[definition.object];
      typeLine(open, definition.creates ? `${definition.object}s` : `${definition.object} ${object}`);
      // What would begin at once opens its form so.
      open.press('ctrl-o');
      typeLine(open, type.replace('.', '-'));
      const naming = definition.creates ? ['object'] : [];
      expect(fill(open, made, values)).toEqual([...naming, ...fieldNames(fields)]);
      open.press('ctrl-s');
      confirm(open);
      expect(leftOpen(open)).toEqual([]);
      const [task] = listTasks(db, { limit: 1 });
      expect(task).toMatchObject({ type, objectName: object });
      const secret = new Set(fields.filter((field) => field.secret).map(({ name }) => name));
      const stored = { ...task?.args, ...taskSecrets(db, task?.id ?? 0) };
      expect(stored).toMatchObject(values);
      expect(Object.keys(task?.args ?? {}).filter((name) => secret.has(name))).toEqual([]);
    },
  );

  it.each([
    ['platform.add', 'drupal-10.6', { from: 'npm:@example/cms', again: true }],
    ['site.import', URI, { backup: BACKUP, platform: 'drupal-10.6', again: true }],
  ])('takes a name that is known, where what it names is to be made again: %s', async (type, name, values) => {
    const open = await openFurnished();
    const { db } = open.seeded;
    db.prepare("UPDATE platform SET source = 'npm:@example/cms' WHERE name = 'drupal-10.6'").run();
    const site = findSite(db, URI);
    if (site) switchRelease(db, site.id, { number: 2, database: 'other', platform: 'drupal-10.6' });
    typeLine(open, `${type.split('.')[0]}s`);
    typeLine(open, type.replace('.', '-'));
    fill(open, name, { ...values, again: false });
    open.press('ctrl-s');
    expect(leftOpen(open)).toContainEqual(['object', expect.stringMatching(/already/)]);
    fill(open, name, values);
    open.press('ctrl-s');
    expect(leftOpen(open)).toEqual([]);
    expect(listTasks(db, { limit: 1 })[0]).toMatchObject({ type, objectName: name, args: values });
  });

  it('is asked for a client as well', async () => {
    const open = await openFurnished();
    const { db } = open.seeded;
    const added = { mail: 'ben@example.org', maxSites: 3, maxDiskMb: 500 };
    expect(Object.keys(added)).toEqual(fieldNames(fieldsOf(clientArgs)));
    typeLine(open, 'clients');
    open.press('n');
    expect(fill(open, 'Ben', added)).toEqual(['object', ...Object.keys(added)]);
    open.press('ctrl-s');
    expect(findClient(db, 'Ben')).toMatchObject({ mail: 'ben@example.org', maxSites: 3, maxDiskBytes: 500_000_000 });
    const changed = { rename: 'Ben Example', mail: 'b@example.org', maxSites: 4, maxDiskMb: 600 };
    expect(Object.keys(changed)).toEqual(fieldNames(fieldsOf(clientEditArgs)));
    typeLine(open, 'client-edit Ben');
    expect(fill(open, '', changed)).toEqual(Object.keys(changed));
    open.press('ctrl-s');
    const after = { mail: 'b@example.org', maxSites: 4, maxDiskBytes: 600_000_000 };
    expect(findClient(db, 'Ben Example')).toMatchObject(after);
    expect(findClient(db, 'Ben')).toBeUndefined();
  });
});

describe('a choice that stands in a field already', () => {
  /** A new site's form, at the question of that name. */
  async function at(name: string): Promise<OpenStore> {
    const open = await openStore();
    open.press('1', 'n', 'ctrl-o');
    for (let moved = 0; formOf(open).current !== name && moved < 30; moved += 1) open.press('tab');
    return open;
  }
  const answerIn = (open: OpenStore): string => answerOf(formOf(open), formOf(open).current);

  it('is typed over, and what is typed narrows the choices', async () => {
    const open = await at('client');
    expect(answerIn(open)).toBe('admin');
    open.press('a', 'd');
    expect(answerIn(open)).toBe('ad');
    open.press('tab', 'shift-tab');
    expect(answerIn(open)).toBe('admin');
  });

  it('is typed over by what is pasted', async () => {
    const open = await at('language');
    expect(answerIn(open)).toBe('en');
    open.store.paste('fr');
    expect(answerIn(open)).toBe('fr');
  });

  it('is changed by who moves in it or takes letters away', async () => {
    const open = await at('client');
    open.press('backspace', 'x');
    expect(answerIn(open)).toBe('admix');
    const other = await at('client');
    other.press('left', 'x');
    expect(answerIn(other)).toBe('admixn');
  });

  it('a text that is no choice is added to', async () => {
    const open = await at('title');
    open.press('S', 'h', 'tab', 'shift-tab', 'o');
    expect(answerIn(open)).toBe('Sho');
  });
});
