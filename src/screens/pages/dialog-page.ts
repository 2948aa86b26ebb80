import { reasonAgainst } from '../../state/commands/registry.ts';
import { answersBeside, helpCommands, PASTE_AFTER_MS, questionText } from '../../state/dialogs/dialogs.ts';
import { planHeight, planRows } from '../../state/dialogs/plan.ts';
import type { ConsoleState, Dialog } from '../../state/model/state.ts';
import type { ConsoleStore } from '../../state/model/store.ts';
import { bodyHeight } from '../../state/pages/layout.ts';
import { padText } from '../../state/text/fit.ts';
import { wrapText } from '../../state/text/format.ts';
import { keyLabel } from '../../state/text/keys.ts';
import type { Theme } from '../theme.ts';
import { editSpans } from '../widgets/edit.ts';
import { type Line, labelSpans, line, type Span } from '../widgets/lines.ts';
import { formLines } from './form-page.ts';
import { paletteLines } from './palette-page.ts';

/** The dialog that stands in the body; undefined for those that are one line of the frame. */
export function dialogLines(
  store: ConsoleStore,
  state: ConsoleState,
  dialog: Dialog,
  theme: Theme,
): Line[] | undefined {
  switch (dialog.kind) {
    case 'confirm':
      return [...question(state, dialog), [], ...choiceLines(state, dialog, theme)];
    case 'typed':
      return [...question(state, dialog), [], ...typedLines(dialog, state)];
    case 'help':
      return helpLines(store, state, dialog, theme);
    case 'palette':
      return paletteLines(state, dialog, theme);
    case 'plan':
      return planLines(state, dialog);
    case 'form':
      return formLines(store, state, dialog.form, theme);
    default:
      return undefined;
  }
}

type Of<K extends Dialog['kind']> = Extract<Dialog, { kind: K }>;

function question(state: ConsoleState, dialog: Of<'confirm'> | Of<'typed'>): Line[] {
  const { title, top } = dialog;
  const { wrapped, room, tight } = questionText(state, dialog);
  const shown = wrapped.slice(top, top + room);
  const more = wrapped.length - top - shown.length;
  return [
    ...(tight ? [] : [[]]),
    [{ text: '   ' }, ...labelSpans(state.marking), { text: title, bold: true }],
    ...(tight ? [] : [[]]),
    ...shown.map((text) => line(`   ${text}`)),
    ...(more > 0 ? [line(`   ${more} more: ↓`, 'dim')] : []),
  ];
}

/** The answers side by side, or below each other where they are too long for that: each can be read. */
function choiceLines(state: ConsoleState, { choices, selected }: Of<'confirm'>, theme: Theme): Line[] {
  const answers = choices.map(({ label }, place): Span[] => [
    { text: '  ' },
    place === selected
      ? { text: `${theme.glyphs.cursor} ${label} `, inverse: true, bold: true }
      : { text: `  ${label} `, tone: 'plain' },
  ]);
  return answersBeside(choices, state.columns) ? [answers.flat()] : answers;
}

function typedLines({ expected, edit }: Of<'typed'>, state: ConsoleState): Line[] {
  const right = edit.text.trim() === expected;
  return [
    [{ text: '   Type ' }, { text: expected, bold: true }, { text: ' to go ahead:' }],
    [{ text: '   ' }, ...editSpans(edit, state.columns - 8)],
    right
      ? line('   enter does it.', 'warn')
      : line(`   Type it whole; a paste counts after ${PASTE_AFTER_MS / 1000} seconds.`, 'dim'),
  ];
}

function helpLines(store: ConsoleStore, state: ConsoleState, dialog: Of<'help'>, theme: Theme): Line[] {
  const found = helpCommands(state, dialog.edit.text);
  const selected = found[dialog.selected];
  const reason = selected && reasonAgainst(selected, state, store.facts);
  // A reason is shown whole: the list is shorter by its lines.
  const about = selected
    ? wrapText(reason === undefined ? selected.help : `Not now: ${reason}`, state.columns - 2)
    : [];
  const room = Math.max(1, bodyHeight(state) - 3 - Math.max(1, about.length));
  const top = Math.max(0, Math.min(dialog.selected - Math.floor(room / 2), found.length - room));
  return [
    [{ text: ' Search ', tone: 'accent' }, ...editSpans(dialog.edit, state.columns - 14)],
    [],
    ...found.slice(top, top + room).map((command, place): Line => {
      const here = top + place === dialog.selected;
      const off = reasonAgainst(command, state, store.facts);
      const keys = padText(command.keys.map(keyLabel).join(' '), state.columns < 80 ? 12 : 16);
      const text = `${keys} ${padText(command.title, state.columns < 80 ? 28 : 30)} `;
      const look = here ? { inverse: true, bold: true } : off === undefined ? {} : { tone: 'dim' as const };
      return [
        { text: here ? `${theme.glyphs.cursor} ` : '  ', tone: 'accent', ...(here ? look : {}) },
        { text, ...look },
        { text: off === undefined ? `:${command.id}` : off, tone: 'dim', ...(here ? look : {}) },
      ];
    }),
    ...(found.length === 0 ? [line(' Nothing here is called that.', 'dim')] : []),
    ...pad(room - Math.max(1, Math.min(room, found.length))),
    [],
    ...about.map((text) => line(` ${text}`, reason === undefined ? 'plain' : 'warn')),
  ];
}

function planLines(state: ConsoleState, { title, lines, top, possible }: Of<'plan'>): Line[] {
  const height = planHeight(bodyHeight(state));
  const rows = planRows(lines, state.columns);
  const below = rows.length - top - height;
  const about = possible ? 'Nothing is changed yet.' : '';
  return [
    [
      { text: ` ${title}`, bold: true },
      { text: `  ${about}`, tone: 'dim' },
    ],
    ...rows.slice(top, top + height).map(({ text, tone }) => line(` ${text}`, tone)),
    ...pad(height - rows.length),
    [],
    line(below > 0 ? ` ${below} more lines: ↓` : lines.length === 0 ? ' It would change nothing.' : '', 'dim'),
  ];
}

const pad = (count: number): Line[] => Array.from({ length: Math.max(0, count) }, () => []);
