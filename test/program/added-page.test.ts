import { describe, expect, it } from 'vitest';
import { updateSite } from '../../src/db/sites.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { screenLines } from '../../src/screens/screen-lines.ts';
import { makeTheme } from '../../src/screens/theme.ts';
import { beginCommands } from '../../src/state/commands/begin.ts';
import { makeRegistry, standardCommands } from '../../src/state/commands/registry.ts';
import type { Command } from '../../src/state/model/command.ts';
import { currentDialog, currentPage } from '../../src/state/model/state.ts';
import { standardPages } from '../../src/state/pages/kinds/standard.ts';
import { type OpenStore, openStore } from '../support/open-store.ts';
import { attentionPage } from './attention-page.ts';

const pages = [...standardPages, attentionPage];

/** A command that no console has by itself, for a tab of that page. */
const greet: Command = {
  id: 'greet',
  title: 'Greet',
  keys: ['w'],
  scopes: ['tab:attention.unsaved'],
  danger: 'none',
  help: 'Says hello to the page.',
  footer: 5,
  run: (act) => act.notify('Hello.'),
};

const open = (more = {}): Promise<OpenStore> =>
  openStore({ registry: makeRegistry(pages, [...standardCommands(pages), greet]), ...more }, 6);

const theme = makeTheme({ tones: 'mono', ascii: false, links: false });
/** The screen as one reads it. */
const screenOf = ({ store }: OpenStore): string =>
  screenLines(store, store.getState(), theme)
    .map((line) => line.map(({ text }) => text).join(''))
    .join('\n');
const placeOf = ({ store }: OpenStore) => {
  const { kind, name, tab } = currentPage(store.getState());
  return [kind, name, tab];
};

function line(console: OpenStore, text: string): void {
  console.press(':');
  console.type(text);
  console.press('enter');
}

describe('a page that is defined in one file and handed to the console', () => {
  it('is reached by its key, by the : line with completion, and by the palette', async () => {
    const console = await open();
    console.press('7');
    expect(placeOf(console)).toEqual(['attention', '', 0]);
    console.press('1', ':');
    console.type('atten');
    console.press('tab');
    expect(currentDialog(console.store.getState())).toMatchObject({ edit: { text: 'attention ' } });
    console.press('enter');
    expect(placeOf(console)).toEqual(['attention', '', 0]);
    console.press('1', 'ctrl-p');
    console.type('Attention');
    console.press('enter');
    expect(placeOf(console)).toEqual(['attention', '', 0]);
  });

  it('shows facts, tabs and rows, and what it reads again when the inventory changes', async () => {
    const console = await open();
    line(console, 'attention');
    expect(screenOf(console)).toMatch(/^ Attention 1/m);
    expect(screenOf(console)).toMatch(/^ failed 1 {3}unsaved 4/m);
    expect(screenOf(console)).toMatch(/^ {2}Failed {3}Unsaved/m);
    expect(screenOf(console)).toMatch(/✗ failed +verify +forum\.example\.test/);
    console.press('tab');
    expect(screenOf(console)).toContain('WITHOUT A BACKUP');
    expect(screenOf(console)).toMatch(/^▸ {2}blog\.example\.test/m);
    const { db } = console.seeded;
    updateSite(db, 'blog.example.test', { title: 'Another' });
    db.prepare("UPDATE site_name SET name = 'a-new-name.example.test' WHERE name = 'blog.example.test'").run();
    console.press('ctrl-r');
    expect(screenOf(console)).toContain('a-new-name.example.test');
  });

  it('is filtered, sorted and marked as every list', async () => {
    const console = await open();
    line(console, 'attention');
    console.press('tab', '/');
    console.type('old');
    console.press('enter');
    expect(screenOf(console)).toContain('old.example.test');
    expect(screenOf(console)).not.toContain('blog.example.test');
    expect(screenOf(console)).toMatch(/^ Attention 1 of 4 {2}\/old/m);
    console.press('esc', 'o', 'O', 'space');
    expect(screenOf(console)).toMatch(/without a backup ↓ {3}1 marked/);
    line(console, 'attention forum');
    expect(screenOf(console)).toContain('/forum');
  });

  it('opens its rows on their own pages, and is left as every page', async () => {
    const console = await open();
    line(console, 'attention');
    console.press('enter');
    expect(placeOf(console)).toEqual(['task', String(console.seeded.failed), 0]);
    console.press('esc', 'tab', 'j', 'enter');
    expect(placeOf(console)).toEqual(['site', 'forum.example.test', 0]);
    console.press('q');
    expect(placeOf(console)).toEqual(['attention', '', 1]);
    console.press('1');
    expect(placeOf(console)).toEqual(['sites', '', 0]);
    // A view is found as it was left.
    console.press('7');
    expect(placeOf(console)).toEqual(['attention', '', 1]);
    expect(screenOf(console)).toMatch(/^▸ {2}forum\.example\.test/m);
  });

  it('has commands of its own tab, which say elsewhere where they are done', async () => {
    const console = await open();
    line(console, 'greet');
    expect(console.store.getState().notice?.text).toBe(
      'Greet: this is done on the tab Unsaved of the list of attention: 7',
    );
    console.press('7', 'tab');
    expect(screenOf(console)).toMatch(/\bw greet\b/);
    console.press('w');
    expect(console.store.getState().notice?.text).toBe('Hello.');
    console.press('?');
    console.type('failed tasks');
    expect(screenOf(console)).toMatch(/7 +Attention +:attention/);
  });
});

it('a page that a console does not have leaves no word of it', async () => {
  const console = await openStore({}, 6);
  line(console, 'attention');
  expect(console.store.getState().notice?.text).toContain('There is no command "attention"');
});

it('two pages or two commands of one name are refused: the second would never be found', () => {
  expect(() => makeRegistry([...pages, attentionPage])).toThrow('two pages of the console are called "attention"');
  expect(() => makeRegistry(pages, [greet, greet])).toThrow('two commands of the console are called "greet"');
});

it('the pages, tabs, objects and names that pages and commands refer to are all there', () => {
  const registry = makeRegistry(standardPages);
  const commands = [...registry.commands, ...beginCommands(standardProgram.tasks.list)];
  const lists = standardPages.flatMap(({ list, tabs = [] }) => [...(list ? [list] : []), ...tabs]);
  const there = new Set([
    ...['anywhere', 'list', 'tabs', 'log', 'live-log'],
    ...standardPages.map(({ kind }) => `page:${kind}`),
    ...standardPages.flatMap(({ kind, tabs = [] }) => tabs.map(({ id }) => `tab:${kind}.${id}`)),
    ...standardPages.flatMap(({ about, list }) => [about, list?.rowKind]).map((kind) => `on:${kind}`),
  ]);
  expect(commands.flatMap(({ scopes }) => scopes).filter((scope) => !there.has(scope))).toEqual([]);
  const opened = lists.flatMap(({ opens }) => (typeof opens === 'string' ? [opens] : []));
  expect(opened.filter((kind) => !registry.pages.has(kind))).toEqual([]);
  const named = new Set(['filter', undefined, ...standardPages.map(({ names }) => names?.of)]);
  expect(commands.flatMap(({ takes }) => (named.has(takes) ? [] : [takes]))).toEqual([]);
});
