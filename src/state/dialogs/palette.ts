import type { Inventory } from '../../db/inventory.ts';
import { listSiteNames } from '../../db/lists.ts';
import { activeCommands, allCommands } from '../commands/registry.ts';
import type { Act, Command } from '../model/command.ts';
import type { Outcome } from '../model/dialog.ts';
import { openDialog } from '../model/open-dialog.ts';
import type { PaletteEntry } from '../model/parts.ts';
import { type ConsoleState, type Dialog, emptyPage } from '../model/state.ts';
import { pageDefinition } from '../pages/definition.ts';
import { openPage } from '../pages/navigation.ts';
import { keyLabel } from '../text/keys.ts';
import { applyEditKey, editText, type TextEdit } from '../text/text-edit.ts';

/** What the palette offers now: every command that can be used from here, and what the pages say can be found. */
export function paletteEntries(state: ConsoleState, db: Inventory | undefined): PaletteEntry[] {
  return [...commandEntries(state), ...(db ? foundEntries(state, db) : [])];
}

/** Of very many that fit, the first are weighed: what is near stands first. */
function foundEntries({ registry, now }: ConsoleState, db: Inventory): PaletteEntry[] {
  let uris: readonly string[] | undefined;
  const siteNames = (): readonly string[] => {
    uris ??= listSiteNames(db);
    return uris;
  };
  return [...registry.pages.values()]
    .flatMap(({ palette }) => palette ?? [])
    .sort((one, other) => one.order - other.order)
    .flatMap(({ read }) => read({ db, now, siteNames }));
}

/** Does what was chosen. A command that needs a name, with none here, asks for it on the `:` line. */
function takeEntry(act: Act, { kind, name }: PaletteEntry): void {
  const active = activeCommands(act.state()).find((command) => command.id === name);
  if (kind !== 'command') {
    act.update((state) => openPage(state, pageDefinition(state, kind).palette?.page?.(name) ?? emptyPage(kind, name)));
  } else if (active && !takesNameOnly(active)) {
    act.runCommand(name);
  } else {
    openDialog(act, { kind: 'line', edit: editText(`${name} `), history: -1 });
  }
}

/** True for commands that have no meaning without a name behind them, such as "go to a site". */
const takesNameOnly = ({ keys, scopes, takes }: Command): boolean =>
  takes !== undefined && keys.length === 0 && scopes.includes('anywhere');

function commandEntries(state: ConsoleState): PaletteEntry[] {
  const here = new Set(activeCommands(state));
  return allCommands(state)
    .filter(
      (command) => command.id !== 'palette' && (here.has(command) || (command.takes && command.takes !== 'filter')),
    )
    .map(({ id, title, keys, takes }) => ({
      kind: 'command',
      name: id,
      text: title,
      about: keys.length > 0 ? keys.map(keyLabel).join(' ') : `:${id}${takes ? ' …' : ''}`,
    }));
}

/** Opens the palette, all of it found. */
export function openPalette(act: Act, entries: readonly PaletteEntry[]): void {
  const { catalogue } = act.state();
  if (!catalogue) {
    act.notify('The palette is still being loaded; try again.', 'warn');
    return;
  }
  const dialog: Palette = {
    kind: 'palette',
    edit: editText(''),
    selected: 0,
    entries,
    found: catalogue.rank('', entries),
  };
  openDialog(act, dialog);
}

/** Gives a key to the palette. */
export function pressPalette(dialog: Palette, key: string, act: Act): Outcome | undefined {
  if (key === 'enter') {
    const entry = dialog.found[dialog.selected];
    return entry && { dialog: undefined, run: () => takeEntry(act, entry) };
  }
  const by = steps[key];
  if (by !== undefined) {
    const selected = Math.max(0, Math.min(dialog.selected + by, dialog.found.length - 1));
    return { dialog: { ...dialog, selected } };
  }
  const edit = applyEditKey(dialog.edit, key);
  return edit && { dialog: searched(dialog, edit, act) };
}

/** The palette with another text typed into it. */
export function searched(dialog: Palette, edit: TextEdit, act: Act): Palette {
  if (edit.text === dialog.edit.text) return { ...dialog, edit };
  const found = act.state().catalogue?.rank(edit.text, dialog.entries) ?? [];
  return { ...dialog, edit, found, selected: 0 };
}

type Palette = Extract<Dialog, { kind: 'palette' }>;
const steps: Record<string, number> = { up: -1, down: 1, 'ctrl-p': -1, 'ctrl-n': 1, pgup: -10, pgdn: 10 };
