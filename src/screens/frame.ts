import { footerCommands } from '../state/commands/registry.ts';
import { answersBeside } from '../state/dialogs/dialogs.ts';
import type { FormState } from '../state/model/form.ts';
import type { Cell } from '../state/model/parts.ts';
import {
  type Choice,
  type ConsoleState,
  currentDialog,
  currentPage,
  type Dialog,
  NEWER_PROGRAM,
} from '../state/model/state.ts';
import type { ConsoleStore } from '../state/model/store.ts';
import {
  breadcrumb,
  listCount,
  queueCounts,
  runningLines,
  serviceCells,
  serviceSummary,
} from '../state/pages/frame.ts';
import { shownList } from '../state/pages/list.ts';
import { tourStops } from '../state/pages/tour.ts';
import { keyLabel } from '../state/text/keys.ts';
import type { Theme } from './theme.ts';
import { editSpans } from './widgets/edit.ts';
import { cutLine, type Line, labelSpans, type Span, splitLine, widthOfLine } from './widgets/lines.ts';

/** The two lines on top: this machine with its services and queue; the page with its filter, sort and marks. */
export function headLines(state: ConsoleState, theme: Theme): Line[] {
  return [identityLine(state, theme), titleLine(state, theme)];
}

/** The lines at the bottom: a rule that carries notices, running tasks, keys. */
export function footLines(store: ConsoleStore, state: ConsoleState, theme: Theme): Line[] {
  return [ruleLine(store, state, theme), ...runningTaskLines(state, theme), lastLine(store, state, theme)];
}

function identityLine(state: ConsoleState, theme: Theme): Line {
  const { running, waiting } = queueCounts(state);
  const queue = running + waiting === 0 ? 'queue empty' : `queue ${running}${theme.glyphs.running} ${waiting}…`;
  const left: Line = [
    // See `resizes`: a blank that looks the same and is another text.
    { text: ' ', bold: state.resizes % 2 === 1 },
    { text: 'aegir', tone: 'accent' },
    { text: '  ' },
    // Before the name, which may be cut.
    ...labelSpans(state.marking),
    { text: state.hostName },
    ...(state.readOnly ? [{ text: '  read-only', tone: 'warn' as const, bold: true }] : []),
  ];
  const right = (services: readonly Cell[]): Line => [
    ...services.flatMap((cell): Span[] => [
      { text: `${cell.text} ` },
      { text: `${cell.glyph ? theme.glyphs[cell.glyph] : ''} `, tone: cell.tone },
    ]),
    { text: `  ${queue} `, tone: running > 0 ? 'busy' : 'dim' },
  ];
  if (!state.setUp) return splitLine(left, [], state.columns);
  const whole = right(serviceCells(state));
  // Which machine this is counts more than the names of services that run.
  const fits = widthOfLine(left) + widthOfLine(whole) < state.columns;
  return splitLine(left, fits ? whole : right(serviceSummary(state)), state.columns);
}

function titleLine(state: ConsoleState, theme: Theme): Line {
  const { list } = currentPage(state);
  const dialog = currentDialog(state);
  const columns = shownList(state)?.table.columns;
  const sort = list.sort && columns?.[list.sort.column];
  const filter: Span[] =
    dialog?.kind === 'filter'
      ? [{ text: '  /', tone: 'accent' }, ...editSpans(dialog.edit, 40)]
      : list.filter === ''
        ? []
        : [{ text: `  /${list.filter}`, tone: 'accent' }];
  const right = [
    ...(sort ? [`${sort.title.toLowerCase()} ${list.sort?.descending ? '↓' : '↑'}`] : []),
    ...(list.marks.size > 0 ? [`${list.marks.size} marked`] : []),
  ].join('   ');
  const left: Span[] = [
    { text: ` ${breadcrumb(state).join(` ${theme.glyphs.caret} `)}`, bold: true },
    { text: ` ${listCount(state)}`, tone: 'dim' },
    ...filter,
  ];
  return splitLine(left, right === '' ? [] : [{ text: `${right} `, tone: 'accent' }], state.columns);
}

/** A rule; a notice, or the completions of the `:` line, stand on it, so that nothing else moves. */
function ruleLine(store: ConsoleStore, state: ConsoleState, theme: Theme): Line {
  const { rule } = theme.glyphs;
  if (currentDialog(state)?.kind === 'line') {
    const completions = store.completions().slice(0, 20);
    return [{ text: ` ${completions.join('  ')}`, tone: 'dim' }];
  }
  if (currentDialog(state)?.kind === 'filter') {
    const keys = (shownList(state)?.table.fields ?? []).map((key) => `${key}:`);
    return [{ text: ` ${keys.join('  ')}`, tone: 'dim' }];
  }
  if (!state.notice && state.newer !== undefined) {
    const text = ` ${NEWER_PROGRAM} `;
    const rest = Math.max(0, state.columns - 2 - text.length);
    return [
      { text: rule.repeat(2), tone: 'dim' },
      { text, tone: 'accent' },
      { text: rule.repeat(rest), tone: 'dim' },
    ];
  }
  if (!state.notice) return [{ text: rule.repeat(state.columns), tone: 'dim' }];
  const whole: Line = [{ text: ` ${state.notice.text} `, tone: state.notice.tone, bold: true }];
  const room = state.columns - 3;
  // A notice too long for the line can be read in a dialog.
  const more: Line = widthOfLine(whole) > room ? [{ text: ' ctrl-n: all of it ', tone: 'dim' }] : [];
  const notice = cutLine(whole, room - widthOfLine(more));
  const rest = Math.max(0, state.columns - 2 - widthOfLine(notice) - widthOfLine(more));
  return [{ text: rule.repeat(2), tone: 'dim' }, ...notice, ...more, { text: rule.repeat(rest), tone: 'dim' }];
}

const runningTaskLines = (state: ConsoleState, theme: Theme): Line[] =>
  runningLines(state).map(({ what, step, progress, clock }) =>
    splitLine(
      [
        { text: ` ${theme.glyphs.running} `, tone: 'busy' },
        { text: what },
        { text: step && `   ${step}`, tone: 'dim' },
      ],
      [{ text: `${progress}   ${clock} ` }],
      state.columns,
    ),
  );

function lastLine(store: ConsoleStore, state: ConsoleState, theme: Theme): Line {
  const dialog = currentDialog(state);
  if (dialog?.kind === 'line') return [{ text: ' :', tone: 'accent' }, ...editSpans(dialog.edit, state.columns - 4)];
  if (dialog?.kind === 'file') {
    const title = ` ${dialog.title} `;
    return [{ text: title, tone: 'accent' }, ...editSpans(dialog.edit, state.columns - title.length - 2)];
  }
  if (dialog?.kind === 'search') return [{ text: ' /', tone: 'accent' }, ...editSpans(dialog.edit, state.columns - 4)];
  if (dialog?.kind === 'plan' && !dialog.ofForm) return [{ text: ' ↑ ↓ pgup pgdn scroll   esc close', tone: 'dim' }];
  if (dialog) return [{ text: ` ${keysOf(dialog, state.columns)}`, tone: 'dim' }];
  return keyLine(store, state, theme);
}

/** The keys of a dialog. */
function keysOf(dialog: Dialog, columns: number): string {
  if (dialog.kind === 'confirm') return confirmKeys(dialog.choices, columns);
  if (dialog.kind === 'tour' && dialog.step === tourStops.length - 1) return 'enter ends it   ← back';
  return dialog.kind === 'form' ? formKeys(dialog.form, columns) : dialogKeys[dialog.kind];
}

function confirmKeys(choices: readonly Choice[], columns: number): string {
  if (choices.length < 2) return '↑ ↓ scroll   enter close';
  return `${answersBeside(choices, columns) ? '← →' : '↑ ↓'} choose   enter take it   esc leave it`;
}

function formKeys({ definition, questions }: FormState, columns: number): string {
  const more = questions.some(({ advanced }) => advanced) ? '   ctrl-o more' : '';
  const act = 'save' in definition ? 'ctrl-s save' : 'ctrl-s queue   ctrl-d show plan';
  return `${columns < 72 ? '' : 'enter next   '}esc leave   ${act}${more}`;
}

const dialogKeys = {
  typed: 'type the name, then enter   esc leave it',
  palette: 'type to search   ↑ ↓ choose   enter go there   esc close',
  tour: 'enter next   ← back   esc leave the tour',
  plan: 'enter queue it   ↑ ↓ scroll   esc back to the form',
  help: 'type to search   ↑ ↓ choose   enter do it   esc close',
  filter: 'word   !word   key:value   ~fuzzy   enter keep   esc clear',
  line: '',
  search: '',
  file: '',
} as const;

/** The keys of the page, as many as fit; `? help` is never cut off. */
function keyLine(store: ConsoleStore, state: ConsoleState, _theme: Theme): Line {
  const all = footerCommands(state, store.facts);
  const spans = (entry: (typeof all)[number]): Span[] => {
    const { command, disabled } = entry;
    const key = { text: keyLabel(command.keys[0] ?? ''), ...(disabled ? { tone: 'dim' as const } : { bold: true }) };
    return [key, { text: ` ${command.short ?? command.title.toLowerCase()}  `, tone: 'dim' }];
  };
  const [kept, rest] = [
    all.filter(({ command }) => command.id === 'help'),
    all.filter(({ command }) => command.id !== 'help'),
  ];
  const end = kept.flatMap(spans);
  let left: Line = [{ text: ' ' }];
  for (const entry of rest) {
    const longer = [...left, ...spans(entry)];
    if (widthOfLine(longer) + widthOfLine(end) > state.columns) break;
    left = longer;
  }
  return [...left, ...end];
}
