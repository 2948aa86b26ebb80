import { logRows } from '../state/log/lines.ts';
import { type ConsoleState, currentDialog, currentPage } from '../state/model/state.ts';
import type { ConsoleStore } from '../state/model/store.ts';
import { currentBody, currentLog } from '../state/pages/definition.ts';
import { FACT_ROWS, runningShown } from '../state/pages/layout.ts';
import { shownList } from '../state/pages/list.ts';
import { cellContext } from '../state/pages/page-table.ts';
import { screenLines } from './screen-lines.ts';
import { makeTheme, type Theme } from './theme.ts';
import type { Line } from './widgets/lines.ts';

/** The screen as a screen reader is to read it: what is new is announced once, and not again. */
export interface SpokenScreen {
  /** The page and dialog that it shows. */
  place: string;
  heading: string;
  /** The lines below the heading, without the chosen row and the input field. */
  body: readonly Sentence[];
  /** The keys of all lines: one that was there before is not announced again. */
  known: ReadonlySet<string>;
  /** The selected row, answer or command. */
  chosen: string;
  /** The input field, with its label. */
  field: string | undefined;
  notice: string;
  keys: string;
}

/**
 * A line, and the key by which it is recognised: a clock or a count that changes makes no new line, but each line of a log
 * is a new one.
 */
interface Sentence {
  text: string;
  key: string;
  /** It is announced as the selected row or as the input field. */
  repeats: boolean;
}

/** What is announced of a change: whole lines, then the input field, which is rewritten while somebody types into it. */
export interface Announcement {
  lines: readonly string[];
  field: string | undefined;
}

/** Glyphs as words; empty where the text beside them has the same meaning. */
const glyphWords: Theme['glyphs'] = {
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
  glyphs: glyphWords,
  paint: (text) => text,
};

/** How many lines of a page are announced when it is opened, and how many of a log: its newest. */
const MOST_LINES = 40;
const MOST_OF_LOG = 10;

/** The screen as it is now, to be announced. */
export function spokenScreen(store: ConsoleStore, state: ConsoleState): SpokenScreen {
  const [, title = [], ...rest] = screenLines(store, state, theme);
  const keys = rest.at(-1) ?? [];
  const dialog = currentDialog(state);
  const page = currentPage(state);
  const row = dialog && dialog.kind !== 'filter' ? undefined : rowText(state);
  const withLog = currentLog(state) !== undefined;
  const foot = 2 + runningShown(state).length;
  const lines = rest.slice(0, -foot).filter((line) => textOf(line) !== '');
  const sentences = dialog ? lines.map(sentence) : pageSentences(lines, withLog);
  const announced = row === undefined ? sentences : currentBody(state) === 'tabs' ? sentences.slice(0, FACT_ROWS) : [];
  return {
    place: [page.kind, page.name, page.tab, dialog?.kind, dialog && 'title' in dialog ? dialog.title : ''].join(' '),
    heading: [state.marking.label, textOf(title.filter((span) => !isField(span)))].filter(Boolean).join(': '),
    // Of a list that is being searched only the selected entry, with its description.
    body:
      dialog?.kind === 'help'
        ? announced.slice(-1)
        : dialog?.kind === 'palette'
          ? []
          : announced.filter(({ repeats }) => !repeats),
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

/** What to announce after a change. */
export function announcementOf(before: SpokenScreen | undefined, after: SpokenScreen): Announcement {
  const { heading, body, chosen, field, notice, keys } = after;
  const moved = before?.place !== after.place;
  const fresh = moved ? body : body.filter(({ key }) => !before.known.has(key));
  const cut = fresh.length > MOST_LINES ? [`... and ${fresh.length - MOST_LINES} more lines`] : [];
  const lines = [
    ...(moved || (heading !== before.heading && field === undefined) ? [heading] : []),
    ...fresh.slice(0, MOST_LINES).map(({ text }) => text),
    ...cut,
    ...(chosen !== '' && (moved || chosen !== before.chosen) ? [chosen] : []),
    ...(notice !== '' && notice !== before?.notice ? [notice] : []),
    ...(moved && keys !== '' ? [`Keys: ${keys}`] : []),
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

/** The line of a log under the cursor; none while the log follows its end. */
const lineOfLog = (state: ConsoleState): string =>
  currentPage(state).log.cursor === undefined ? '' : (logRows(state).find(({ here }) => here)?.text ?? '');

/** The row under the cursor with the names of its columns, and which of how many it is. */
function rowText(state: ConsoleState): string | undefined {
  const list = shownList(state);
  if (!list) return undefined;
  const row = list.rows[list.cursor];
  if (row === undefined) return list.table.length === 0 ? list.table.empty : 'Nothing matches. esc clears the filter.';
  const marked = currentPage(state).list.marks.has(list.table.id(row)) ? 'marked, ' : '';
  const cells = list.table.cells(row, cellContext(state)).map(({ text, glyph }, place) => {
    const sign = glyph && !text.includes(glyphWords[glyph]) ? `${glyphWords[glyph]} ` : '';
    const title = list.table.columns[place]?.title.toLowerCase() ?? '';
    return place === 0 ? text : `${title} ${sign}${text === '–' ? 'none' : text}`;
  });
  return `${list.cursor + 1} of ${list.rows.length}, ${marked}${cells.join(', ')}`;
}

type Span = Line[number];

/** An input field is reversed where its cursor is; a selection is reversed and bold. */
const isField = ({ inverse, bold }: Span): boolean => inverse === true && bold !== true;
const isChosen = ({ inverse, bold }: Span): boolean => inverse === true && bold === true;

/** Of answers beside each other only the selected one. */
const chosenOf = (line: Line, dialog: string | undefined): string =>
  textOf(dialog === 'confirm' ? line.filter(isChosen) : line);

/** A line as text; a run of at least `gap` blanks becomes a comma. */
const textOf = (line: Line, gap = 3): string =>
  line
    .map(({ text }) => text)
    .join('')
    .trim()
    .replaceAll(/\s*·\s*/g, '. ')
    .replaceAll(new RegExp(`\\s{${gap},}`, 'g'), ', ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(' ,', ',');
