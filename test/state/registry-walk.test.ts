import { describe, expect, it } from 'vitest';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import type { Command } from '../../src/state/commands/command.ts';
import { activeCommands, allCommands, commandOfKey, reasonAgainst } from '../../src/state/commands/registry.ts';
import { type ConsoleState, currentPage } from '../../src/state/model.ts';
import { type OpenStore, openStore, until } from '../support/open-store.ts';

/** A line that leads to a page, and how often tab is pressed there. */
const places: readonly (readonly [line: string, tabs: number])[] = [
  ['sites', 0],
  ['platforms', 0],
  ['servers', 0],
  ['tasks', 0],
  ['backups', 0],
  ['clients', 0],
  ...[0, 1, 2, 3, 4, 5].map((tab) => ['site shop.example.test', tab] as const),
  ...[0, 1, 2].map((tab) => ['platform wp-6.8', tab] as const),
  ...[0, 1, 2].map((tab) => ['server server_master', tab] as const),
  ['task 1', 0],
  ['task 2', 0],
  ['backup wiki.example.test-20261123T030100Z-2c3d4e', 0],
  ['platforms wp-6.8', 0],
];

/** What may leave all as it is: moving where there is nothing further, and what only the terminal sees. */
const still = new Set(
  [
    ['up', 'down', 'page-up', 'page-down', 'half-up', 'half-down', 'first', 'last', 'previous-tab', 'back'],
    ['follow', 'next-match', 'previous-match', 'next-mark', 'suspend', 'shell', 'exec', 'database', 'mark-all'],
  ].flat(),
);

async function openWalk(): Promise<OpenStore> {
  const open = await openStore({ handOver: async () => ({ read: false, said: '' }) }, 6);
  insertPlatform(open.seeded.db, { name: 'wp-6.9', server: 'server_master', root: '/srv', source: '', managed: false });
  updatePlatform(open.seeded.db, 'wp-6.9', { state: 'ready', engine: 'wordpress', version: '6.9', profiles: [] }, true);
  return open;
}

function goTo({ press, type, store }: OpenStore, [line, tabs]: (typeof places)[number]): void {
  for (let left = 0; left < 20 && store.getState().dialogs.length > 0; left += 1) press('esc');
  press(':');
  type(line);
  press('enter', ...Array<string>(tabs).fill('tab'));
}

const pictureOf = ({ pages, dialogs, notice, exit, data, lastQueued, logLooks, drafts }: ConsoleState): string =>
  JSON.stringify(
    [pages, dialogs.map(({ kind }) => kind), notice, exit, data.generation, lastQueued, logLooks, drafts],
    (_, value: unknown) => (value instanceof Set ? [...value] : value),
  );

const dialogsOf = ({ store }: OpenStore): number => store.getState().dialogs.length;

/** Presses one key of one command where it is active; says what is wrong with it. */
async function walkOne(open: OpenStore, command: Command, key: string): Promise<string[]> {
  const { store, press } = open;
  const before = store.getState();
  const reason = reasonAgainst(command, before, store.facts);
  const picture = pictureOf(before);
  press(key);
  const after = store.getState();
  const [from, to] = [currentPage(before), currentPage(after)];
  const name = `${key} (${command.id}) on ${from.kind} ${from.name} tab ${from.tab}`;
  if (reason !== undefined) {
    const said = after.notice?.text === `${command.title}: ${reason}`;
    const moved = to.kind !== from.kind || after.dialogs.length > 0;
    return said && !moved ? [] : [`${name} does not say why it cannot be: ${reason}`];
  }
  const here = still.has(command.id) || command.id === from.kind;
  // A log is searched beside the screen.
  if (!here) await until(() => pictureOf(store.getState()) !== picture).catch(() => {});
  if (!here && pictureOf(store.getState()) === picture) return [`${name} does nothing`];
  if (after.dialogs.length === 0) return [];
  press('esc');
  return dialogsOf(open) < after.dialogs.length ? [] : [`${name} opens what esc does not close`];
}

describe('every key of the registry', () => {
  it.each(places)('does something on "%s", tab %i, or says why not; esc closes what it opens', async (line, tabs) => {
    const open = await openWalk();
    goTo(open, [line, tabs]);
    const wrong: string[] = [];
    for (const { id, keys } of activeCommands(open.store.getState())) {
      for (const key of keys) {
        goTo(open, [line, tabs]);
        const state = open.store.getState();
        const command = activeCommands(state).find((candidate) => candidate.id === id);
        if (!command) continue;
        const taken = commandOfKey(state, key);
        if (taken !== command) wrong.push(`${key} is ${taken?.id}, not ${id}`);
        else wrong.push(...(await walkOne(open, command, key)));
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has a sentence of help, and a word that no other command has', async () => {
    const { store } = await openWalk();
    const commands = allCommands(store.getState().catalogue);
    expect(commands.filter(({ help }) => !/^[A-Z].*\.$/.test(help)).map(({ id }) => id)).toEqual([]);
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
  });
});

it('every task can be begun by its word: a form, a question, a task, or the reason; esc leaves it', async () => {
  const open = await openWalk();
  const { store, press, type } = open;
  const names = { site: 'shop.example.test', platform: 'wp-6.8', server: 'server_master' };
  const wrong: string[] = [];
  for (const { type: task, object, creates } of store.getState().catalogue?.definitions ?? []) {
    goTo(open, ['sites', 0]);
    const before = store.getState();
    press(':');
    type(`${task.replace('.', '-')} ${creates ? 'new.example.org' : names[object]}`);
    press('enter');
    const { dialogs, notice } = store.getState();
    if (dialogs.length === 0 && notice === before.notice) wrong.push(`${task} says and does nothing`);
    for (let left = dialogs.length; left > 0; left -= 1) press('esc');
    if (dialogsOf(open) > 0) wrong.push(`${task} cannot be left by esc`);
  }
  expect(wrong).toEqual([]);
});
