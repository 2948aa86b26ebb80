import { afterEach, describe, expect, it, vi } from 'vitest';
import { activeCommands, allCommands, commandOfKey, reasonAgainst } from '../../src/state/commands/registry.ts';
import type { Command } from '../../src/state/model/command.ts';
import { type ConsoleState, currentPage } from '../../src/state/model/state.ts';
import { currentLog } from '../../src/state/pages/definition.ts';
import { shownList } from '../../src/state/pages/list.ts';
import { until } from '../support/open-store.ts';
import { goTo, kinds, openWalk, type Place, placesOf, typeLine, type Walk } from '../support/walk.ts';
import { type Expected, expected, type Seen } from './expected-effects.ts';

afterEach(() => vi.restoreAllMocks());

/** Ids of the commands whose effect was seen somewhere. */
const proven = new Set<string>();

const fitsHere = ({ firstOn }: Expected, state: ConsoleState): boolean => {
  if (firstOn === 'log') return currentLog(state) !== undefined;
  if (firstOn === 'view') return state.pages.length === 1 && (shownList(state)?.rows.length ?? 0) > 0;
  return firstOn === undefined || shownList(state) !== undefined;
};

/** Does what a command wants to be done before it. */
async function prepare({ open }: Walk, want: Expected): Promise<void> {
  if (!fitsHere(want, open.store.getState())) return;
  if (want.line !== undefined) typeLine(open, want.line);
  const keys = want.first ?? [];
  const searched = keys.indexOf('enter') + 1;
  open.press(...keys.slice(0, searched));
  // A log is searched beside the screen.
  if (searched > 0) await until(() => currentPage(open.store.getState()).log.cursor !== undefined).catch(() => {});
  open.press(...keys.slice(searched));
}

/** Presses one key of one command; says what is wrong with what comes of it. */
async function tryKey(walk: Walk, command: Command, want: Expected, key: string | undefined): Promise<string[]> {
  const { open, told } = walk;
  const { store } = open;
  const before = store.getState();
  const { kind, name, tab } = currentPage(before);
  const where = `${key ?? ':'} (${command.id}) on ${kind} ${name} tab ${tab}`;
  const taken = key === undefined ? command : commandOfKey(before, key);
  if (taken !== command) return [`${where} is ${taken?.id}`];
  const reason = reasonAgainst(command, before, store.facts);
  told.splice(0);
  if (key !== undefined) open.press(key);
  else typeLine(open, reason === undefined && want.given !== undefined ? `${command.id} ${want.given}` : command.id);
  if (reason !== undefined) {
    const after = store.getState();
    const said = after.notice !== before.notice && after.notice?.text === `${command.title}: ${reason}`;
    const still = after.pages.length === before.pages.length && after.dialogs.length === 0 && told.length === 0;
    return said && still ? [] : [`${where} does not say only why it cannot be: ${reason}`];
  }
  const seen = (): Seen => ({ before, after: store.getState(), told, db: open.seeded.db });
  const held = await until(() => want.holds(seen())).then(
    () => true,
    () => false,
  );
  if (!held) return [`${where} does not do what it is for; it says ${store.getState().notice?.text}`];
  proven.add(command.id);
  const { length } = store.getState().dialogs;
  if (length > 0) open.press('esc');
  return length > 0 && store.getState().dialogs.length >= length ? [`${where} opens what esc does not close`] : [];
}

/** Presses every key of every command of a page, first as the page is found, then where something was prepared for it. */
async function walkPage(walk: Walk, place: Place): Promise<string[]> {
  const { open } = walk;
  await goTo(walk, place);
  const wrong: string[] = [];
  for (const { id, keys } of activeCommands(open.store.getState())) {
    const want = expected[id];
    if (!want) {
      wrong.push(`${id} has no expected effect`);
      continue;
    }
    const prepared = want.first || want.line ? [true, false] : [false];
    for (const key of keys.length > 0 ? keys : [undefined]) {
      for (const ready of key === keys[0] ? prepared : prepared.slice(0, 1)) {
        await goTo(walk, place);
        if (ready) await prepare(walk, want);
        const command = activeCommands(open.store.getState()).find((one) => one.id === id);
        if (!command) continue;
        const refused = reasonAgainst(command, open.store.getState(), open.store.facts) !== undefined;
        // Without what it needs only its reason is looked at.
        if (prepared.length === 1 || ready || refused) wrong.push(...(await tryKey(walk, command, want, key)));
      }
    }
  }
  return wrong;
}

describe('every key of the registry', () => {
  it.each(kinds)(
    'does what it is for, or says why not, on each page and tab of: %s',
    { timeout: 60_000 },
    async (kind) => {
      const walk = await openWalk(kind);
      const wrong: string[] = [];
      for (const place of placesOf(kind)) wrong.push(...(await walkPage(walk, place)));
      expect(wrong).toEqual([]);
    },
  );

  it('does so for who is not root on a new machine', async () => {
    const walk = await openWalk('home', false);
    expect(await walkPage(walk, ['home', '', 0])).toEqual([]);
  });

  it('does what it is for somewhere, and nothing is expected of what is not there', async () => {
    const { open } = await openWalk('sites');
    const ids = allCommands(open.store.getState()).map(({ id }) => id);
    expect(ids.filter((id) => !proven.has(id))).toEqual([]);
    expect(Object.keys(expected).filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('has a sentence of help, and a word that no other command has', async () => {
    const { open } = await openWalk('sites');
    const commands = allCommands(open.store.getState());
    expect(commands.filter(({ help }) => !/^[A-Z].*\.$/.test(help)).map(({ id }) => id)).toEqual([]);
    expect(new Set(commands.map(({ id }) => id)).size).toBe(commands.length);
  });
});
