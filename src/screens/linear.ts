import { logRows } from '../state/log/lines.ts';
import { logKindOf } from '../state/log/view.ts';
import { type ConsoleState, currentDialog, currentPage } from '../state/model/state.ts';
import type { ConsoleStore } from '../state/model/store.ts';
import { currentBody } from '../state/pages/definition.ts';
import { FACT_ROWS, runningShown } from '../state/pages/layout.ts';
import { shownList } from '../state/pages/list.ts';
import { cellContext } from '../state/pages/page-table.ts';
import { screenLines } from './screen-lines.ts';
import { makeTheme, type Theme } from './theme.ts';
import type { Line } from './widgets/lines.ts';

/** What stands on a screen, for somebody who hears it: told when it is new, and not again. */
export interface Told {
  /** Which page and dialog it is. */
  place: string;
  heading: string;
  /** What is below the heading, the chosen row and the field left out. */
  body: readonly Sentence[];
  /** By these it is known what stood there already. */
  known: ReadonlySet<string>;
  /** The row, answer or command that is chosen. */
  chosen: string;
  /** The field that is typed into, with what it is for. */
  field: string | undefined;
  notice: string;
  keys: string;
}

/** A line, and by what it is known again: a new clock or count alone makes no new line, but each line of a log is one. */
interface Sentence {
  text: string;
  key: string;
  /** It is told as the chosen row, or as the field. */
  repeats: boolean;
}

/** What is said of a change: whole lines, then a field that is written anew while somebody types into it. */
export interface Said {
  lines: readonly string[];
  field: string | undefined;
}

/** Signs as words, as far as a text beside them does not say the same. */
const words: Theme['glyphs'] = {
  ...{ on: '', off: '', busy: '', waiting: 'waiting', done: 'done', failed: 'failed', warning: 'warning' },
  ...{
    unneeded: '',
    undone: 'undone',
    running: 'running',
    cursor: '',
    mark: 'marked',
    rule: '',
    ellipsis: '...',
    dash: 'none',
    caret: ',',
  },
};

const theme: Theme = {
  ...makeTheme({ tones: 'mono', ascii: false, links: false }),
  glyphs: words,
  paint: (text) => text,
};

/** How much of a page is told when it is opened, and of a log its newest lines. */
const MOST_LINES = 40;
const MOST_OF_LOG = 10;

/** What stands on the screen now. */
export function toldOf(store: ConsoleStore, state: ConsoleState): Told {
  const [, title = [], ...rest] = screenLines(store, state, theme);
  const keys = rest.at(-1) ?? [];
  const dialog = currentDialog(state);
  const page = currentPage(state);
  const row = dialog && dialog.kind !== 'filter' ? undefined : rowWords(state);
  const withLog = logKindOf(page) !== undefined;
  const foot = 2 + runningShown(state).length;
  const lines = rest.slice(0, -foot).filter((line) => textOf(line) !== '');
  const sentences = dialog ? lines.map(sentence) : pageSentences(lines, withLog);
  const told = row === undefined ? sentences : currentBody(state) === 'tabs' ? sentences.slice(0, FACT_ROWS) : [];
  return {
    place: [page.kind, page.name, page.tab, dialog?.kind, dialog && 'title' in dialog ? dialog.title : ''].join(' '),
    heading: [state.marking.label, textOf(title.filter((span) => !isField(span)))].filter(Boolean).join(': '),
    // Of a list that is searched only what is chosen, and what is said of it.
    body:
      dialog?.kind === 'help'
        ? told.slice(-1)
        : dialog?.kind === 'palette'
          ? []
          : told.filter(({ repeats }) => !repeats),
    known: new Set(sentences.map(({ key }) => key)),
    chosen:
      row ??
      (withLog && !dialog ? lineOfLog(state) : undefined) ??
      lines.filter((line) => line.some(isChosen)).map((line) => chosenOf(line, dialog?.kind))[0] ??
      '',
    field: [title, ...lines, keys].filter((line) => line.some(isField)).map((line) => textOf(line))[0],
    notice: state.notice?.text ?? '',
    keys: keys.some(isField) ? '' : textOf(keys, 2),
  };
}

/** What is to be said after a change. */
export function sayChange(before: Told | undefined, after: Told): Said {
  const { heading, body, chosen, field, notice, keys } = after;
  const elsewhere = before?.place !== after.place;
  const fresh = elsewhere ? body : body.filter(({ key }) => !before.known.has(key));
  const cut = fresh.length > MOST_LINES ? [`... and ${fresh.length - MOST_LINES} more lines`] : [];
  const lines = [
    ...(elsewhere || (heading !== before.heading && field === undefined) ? [heading] : []),
    ...fresh.slice(0, MOST_LINES).map(({ text }) => text),
    ...cut,
    ...(chosen !== '' && (elsewhere || chosen !== before.chosen) ? [chosen] : []),
    ...(notice !== '' && notice !== before?.notice ? [notice] : []),
    ...(elsewhere && keys !== '' ? [`Keys: ${keys}`] : []),
  ];
  return { lines, field: field !== before?.field || lines.length > 0 ? field : undefined };
}

function sentence(line: Line): Sentence {
  const text = textOf(line);
  const repeats = line.some((span) => isField(span) || isChosen(span));
  return { text, key: text.replaceAll(/[\d.:]+/g, '#'), repeats };
}

/** The lines of a page; of one with a log, the newest lines of that. */
function pageSentences(lines: readonly Line[], withLog: boolean): Sentence[] {
  const title = withLog
    ? lines.findIndex((line) => line.some(({ text, bold }) => (text === 'Log' || text === 'File') && bold))
    : -1;
  if (title < 0) return lines.map(sentence);
  const log = lines.slice(title + 1).map((line) => ({ ...sentence(line), key: textOf(line) }));
  return [...lines.slice(0, title + 1).map(sentence), ...log.slice(-MOST_OF_LOG)];
}

/** The line of a log that one has moved to; none while it is followed. */
const lineOfLog = (state: ConsoleState): string =>
  currentPage(state).log.cursor === undefined ? '' : (logRows(state).find(({ here }) => here)?.text ?? '');

/** The row under the cursor with the names of its columns, and which of how many it is. */
function rowWords(state: ConsoleState): string | undefined {
  const list = shownList(state);
  if (!list) return undefined;
  const row = list.rows[list.cursor];
  if (row === undefined) return list.table.length === 0 ? list.table.empty : 'Nothing matches. esc clears the filter.';
  const marked = currentPage(state).list.marks.has(list.table.id(row)) ? 'marked, ' : '';
  const cells = list.table.cells(row, cellContext(state)).map(({ text, glyph }, place) => {
    const sign = glyph && !text.includes(words[glyph]) ? `${words[glyph]} ` : '';
    const title = list.table.columns[place]?.title.toLowerCase() ?? '';
    return place === 0 ? text : `${title} ${sign}${text === '–' ? 'none' : text}`;
  });
  return `${list.cursor + 1} of ${list.rows.length}, ${marked}${cells.join(', ')}`;
}

type Span = Line[number];

/** A field is reversed where its cursor is; what is chosen is reversed and bold. */
const isField = ({ inverse, bold }: Span): boolean => inverse === true && bold !== true;
const isChosen = ({ inverse, bold }: Span): boolean => inverse === true && bold === true;

/** Of answers beside each other only the chosen one. */
const chosenOf = (line: Line, dialog: string | undefined): string =>
  textOf(dialog === 'confirm' ? line.filter(isChosen) : line);

/** A text without the room between its parts, which a comma stands for where it is as wide as `gap`. */
const textOf = (line: Line, gap = 3): string =>
  line
    .map(({ text }) => text)
    .join('')
    .trim()
    .replaceAll(/\s*·\s*/g, '. ')
    .replaceAll(new RegExp(`\\s{${gap},}`, 'g'), ', ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(' ,', ',');
