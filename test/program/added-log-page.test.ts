import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { screenLines } from '../../src/screens/screen-lines.ts';
import { makeTheme } from '../../src/screens/theme.ts';
import { makeRegistry } from '../../src/state/commands/registry.ts';
import { currentDialog } from '../../src/state/model/state.ts';
import { standardPages } from '../../src/state/pages/kinds/standard.ts';
import { type OpenStore, openStore, until } from '../support/open-store.ts';
import { notesPage } from './notes-page.ts';

const theme = makeTheme({ tones: 'mono', ascii: false, links: false });
const screenOf = ({ store }: OpenStore): string =>
  screenLines(store, store.getState(), theme)
    .map((line) => line.map(({ text }) => text).join(''))
    .join('\n');

it('a page of a log is one file: it is read, followed, searched, copied and saved as every log', async () => {
  const copied: string[] = [];
  const copy = (text: string): boolean => copied.push(text) > 0;
  const console = await openStore({ registry: makeRegistry([...standardPages, notesPage]) }, 6, { copy });
  const { store } = console;
  const file = join(console.root, 'notes.txt');
  writeFileSync(file, 'first note\nsecond note\n');
  console.press('8');
  await until(() => screenOf(console).includes('second note'));
  expect(screenOf(console)).toMatch(/Log 2 lines, following/);
  appendFileSync(file, 'third note\n');
  await until(() => screenOf(console).includes('third note'));
  console.press('y');
  expect(copied).toEqual(['https://example.org/notes']);
  console.press('/');
  console.type('first');
  console.press('enter');
  await until(() => store.getState().pages.at(-1)?.log.cursor !== undefined);
  console.press('y');
  expect(copied[1]).toBe('first note');
  console.press('w', 't', 'f');
  expect(store.getState().logLooks).toEqual({ notes: { wrap: false, timestamps: true } });
  expect(screenOf(console)).toMatch(/\bf follow\b/);
  console.press('ctrl-s');
  expect(currentDialog(store.getState())).toMatchObject({ edit: { text: expect.stringMatching(/\/notes\.log$/) } });
});
