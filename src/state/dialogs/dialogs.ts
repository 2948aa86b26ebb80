import { activeCommands, allCommands } from '../commands/registry.ts';
import { pasteForm, pressForm } from '../forms/form.ts';
import type { Act, Command } from '../model/command.ts';
import type { DialogTools, NamesBeginning, Outcome } from '../model/dialog.ts';
import type { Choice, ConsoleState, Dialog } from '../model/state.ts';
import { bodyHeight } from '../pages/layout.ts';
import { changeList } from '../pages/list.ts';
import { leaveTour, pressTour } from '../pages/tour.ts';
import { wrapText } from '../text/format.ts';
import { applyEditKey, editText, insertText } from '../text/text-edit.ts';
import { completeLine, completionsOf } from './line.ts';
import { pressPalette, searched } from './palette.ts';
import { pressPlan } from './plan.ts';

type Of<K extends Dialog['kind']> = Extract<Dialog, { kind: K }>;

/** The name of what would be lost is not pasted before there was time to read what is lost. */
export const PASTE_AFTER_MS = 2000;

/** Gives a key to the dialog on top; it swallows every key. */
export function pressDialog(dialog: Dialog, key: string, tools: DialogTools): void {
  apply(outcomeOf(dialog, key, tools), tools.act);
}

/** Gives pasted text to the dialog on top, where it takes text. */
export function pasteDialog(dialog: Dialog, text: string, tools: DialogTools): void {
  if (!('edit' in dialog || dialog.kind === 'form')) return;
  if (dialog.kind === 'form') {
    apply({ dialog: { ...dialog, form: pasteForm(dialog.form, text, tools.choices()) } }, tools.act);
    return;
  }
  if (dialog.kind === 'typed' && Date.now() - dialog.openedAt < PASTE_AFTER_MS) {
    tools.act.notify(`Not pasted: read it first. A paste counts after ${PASTE_AFTER_MS / 1000} seconds.`, 'warn');
    return;
  }
  const edit = insertText(dialog.edit, text);
  if (dialog.kind === 'filter') apply(filtered({ ...dialog, edit }, tools.act), tools.act);
  else if (dialog.kind === 'palette') apply({ dialog: searched(dialog, edit, tools.act) }, tools.act);
  else apply({ dialog: { ...dialog, edit } }, tools.act);
}

/** The commands that help shows for what was typed. */
export function helpCommands(state: ConsoleState, typed: string): readonly Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return activeCommands(state).filter((command) => {
    const text = `${command.keys.join(' ')} ${command.title} ${command.help} ${command.id}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The completions of the `:` line. */
export const lineCompletions = (state: ConsoleState, dialog: Of<'line'>, namesBeginning: NamesBeginning): string[] =>
  completionsOf(dialog.edit.text, allCommands(state), namesBeginning);

function apply(outcome: Outcome | undefined, act: Act): void {
  if (!outcome) return;
  const { dialog, run } = outcome;
  act.update((state) => ({ ...state, dialogs: [...state.dialogs.slice(0, -1), ...(dialog ? [dialog] : [])] }));
  run?.();
}

function outcomeOf(dialog: Dialog, key: string, tools: DialogTools): Outcome | undefined {
  if (key === 'esc') return escapeDialog(dialog, tools);
  switch (dialog.kind) {
    case 'confirm':
      return pressConfirm(dialog, key, tools.act);
    case 'typed':
      return pressTyped(dialog, key, tools.act);
    case 'help':
      return pressHelp(dialog, key, tools.act);
    case 'palette':
      return pressPalette(dialog, key, tools.act);
    case 'tour':
      return pressTour(dialog, key, tools.act);
    case 'plan':
      return pressPlan(dialog, key, tools);
    case 'line':
      return pressLine(dialog, key, tools);
    case 'filter':
      return pressFilter(dialog, key, tools.act);
    case 'search':
      return pressSearch(dialog, key, tools.act);
    case 'file':
      return pressFile(dialog, key);
    case 'form':
      return pressFormDialog(dialog, key, tools);
  }
}

/** esc closes every dialog and does nothing else that could be missed. */
function escapeDialog(dialog: Dialog, { act, leaveForm }: DialogTools): Outcome {
  if (dialog.kind === 'tour') return leaveTour(dialog, act);
  if (dialog.kind === 'filter') return { dialog: undefined, run: () => applyFilter(act, '') };
  return dialog.kind === 'form' ? { dialog, run: leaveForm } : { dialog: undefined };
}

function pressConfirm(dialog: Of<'confirm'>, key: string, act: Act): Outcome | undefined {
  const { choices, selected } = dialog;
  if (key === 'q') return { dialog: undefined };
  if (key === 'enter') return { dialog: undefined, run: choices[selected]?.run };
  const by = ['left', 'shift-tab', 'h'].includes(key) ? -1 : ['right', 'tab', 'l'].includes(key) ? 1 : 0;
  if (by === 0) {
    const { wrapped, room } = questionText(act.state(), dialog);
    const all = wrapped.length <= room;
    // Up and down are for what does not fit; else they choose, as answers below each other ask for.
    if (!all || !['up', 'down', 'k', 'j'].includes(key)) return scroll(dialog, key, act);
    return chosen(dialog, ['up', 'k'].includes(key) ? -1 : 1);
  }
  return chosen(dialog, by);
}

const chosen = (dialog: Of<'confirm'>, by: number): Outcome => ({
  dialog: { ...dialog, selected: Math.max(0, Math.min(dialog.selected + by, dialog.choices.length - 1)) },
});

/** True when the answers of a question have room beside each other. */
export const answersBeside = (choices: readonly Choice[], columns: number): boolean =>
  choices.reduce((width, { label }) => width + label.length + 5, 2) <= columns;

function pressTyped(dialog: Of<'typed'>, key: string, act: Act): Outcome | undefined {
  if (key === 'enter') {
    return dialog.edit.text.trim() === dialog.expected ? { dialog: undefined, run: dialog.run } : undefined;
  }
  return scroll(dialog, key, act) ?? edited(dialog, key);
}

function scroll(dialog: Of<'confirm'> | Of<'typed'>, key: string, act: Act): Outcome | undefined {
  const by = steps[key];
  if (by === undefined) return undefined;
  const { wrapped, room } = questionText(act.state(), dialog);
  const last = Math.max(0, wrapped.length - room);
  return { dialog: { ...dialog, top: Math.max(0, Math.min(dialog.top + by, last)) } };
}

/**
 * What a question says, as the screen breaks it, and how many lines of that there is room for: its answers stay in
 * sight. On a small screen it is `tight`: without blank lines round its title.
 */
export function questionText(
  state: ConsoleState,
  dialog: Of<'confirm'> | Of<'typed'>,
): { wrapped: string[]; room: number; tight: boolean } {
  const { kind, lines } = dialog;
  const said = lines.slice(0, lines.findLastIndex((text) => text !== '') + 1);
  const wrapped = said.flatMap((text) => wrapText(text, state.columns - 6));
  const below = kind === 'confirm' && !answersBeside(dialog.choices, state.columns) ? dialog.choices.length - 1 : 0;
  const wide = bodyHeight(state) - (kind === 'typed' ? 7 : 5) - below;
  const tight = wrapped.length > wide;
  const all = tight ? wide + 2 : wide;
  // Where not all fits, a line says how much more there is.
  return { wrapped, tight, room: Math.max(1, wrapped.length > all ? all - 1 : all) };
}

const steps: Record<string, number> = { up: -1, down: 1, pgup: -10, pgdn: 10 };

function edited(
  dialog: Of<'typed'> | Of<'help'> | Of<'line'> | Of<'search'> | Of<'file'>,
  key: string,
): Outcome | undefined {
  const edit = applyEditKey(dialog.edit, key);
  return edit && { dialog: { ...dialog, edit } };
}

function pressHelp(dialog: Of<'help'>, key: string, act: Act): Outcome | undefined {
  const found = helpCommands(act.state(), dialog.edit.text);
  if (key === 'enter') {
    const command = found[dialog.selected];
    return command && { dialog: undefined, run: () => act.runCommand(command.id) };
  }
  const by = steps[key];
  if (by === undefined) return edited({ ...dialog, selected: 0 }, key);
  return { dialog: { ...dialog, selected: Math.max(0, Math.min(dialog.selected + by, found.length - 1)) } };
}

function pressLine(dialog: Of<'line'>, key: string, { act, namesBeginning }: DialogTools): Outcome | undefined {
  const { text } = dialog.edit;
  if (key === 'backspace' && text === '') return { dialog: undefined };
  if (key === 'enter') {
    const run = (): void => {
      act.update((state) => ({ ...state, lineHistory: remember(state.lineHistory, text) }));
      act.runLine(text);
    };
    return { dialog: undefined, run };
  }
  if (key === 'tab') {
    const completed = completeLine(text, lineCompletions(act.state(), dialog, namesBeginning));
    return { dialog: { ...dialog, edit: editText(completed) } };
  }
  if (key !== 'up' && key !== 'down') return edited(dialog, key);
  const { lineHistory } = act.state();
  const history = Math.max(-1, Math.min(dialog.history + (key === 'up' ? 1 : -1), lineHistory.length - 1));
  return { dialog: { ...dialog, history, edit: editText(lineHistory[history] ?? '') } };
}

const remember = (history: readonly string[], line: string): readonly string[] =>
  line.trim() === '' ? history : [line, ...history.filter((old) => old !== line)].slice(0, 100);

function pressFilter(dialog: Of<'filter'>, key: string, act: Act): Outcome | undefined {
  if (key === 'enter') return { dialog: undefined };
  const edit = applyEditKey(dialog.edit, key);
  return edit && filtered({ ...dialog, edit }, act);
}

const filtered = (dialog: Of<'filter'>, act: Act): Outcome => ({
  dialog,
  run: () => applyFilter(act, dialog.edit.text),
});

const applyFilter = (act: Act, filter: string): void =>
  act.update((state) => changeList(state, (list) => (list.filter === filter ? list : { ...list, filter, top: 0 })));

function pressSearch(dialog: Of<'search'>, key: string, act: Act): Outcome | undefined {
  if (key !== 'enter') return edited(dialog, key);
  return { dialog: undefined, run: () => act.log.startSearch(dialog.edit.text) };
}

function pressFile(dialog: Of<'file'>, key: string): Outcome | undefined {
  if (key !== 'enter') return edited(dialog, key);
  return { dialog, run: () => dialog.run(dialog.edit.text) };
}

function pressFormDialog(dialog: Of<'form'>, key: string, tools: DialogTools): Outcome {
  const { form, next } = pressForm(dialog.form, key, tools.choices());
  return { dialog: { ...dialog, form }, run: next && (next === 'queue' ? tools.queueForm : tools.planForm) };
}
