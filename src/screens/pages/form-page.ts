import { answerOf, currentQuestion, fittingChoices, shownQuestions } from '../../state/forms/form.ts';
import type { FormChoice, FormState, Question } from '../../state/model/form.ts';
import type { ConsoleState } from '../../state/model/state.ts';
import type { ConsoleStore } from '../../state/model/store.ts';
import { bodyHeight } from '../../state/pages/layout.ts';
import { cutText, padText } from '../../state/text/fit.ts';
import { wrapText } from '../../state/text/format.ts';
import { editText } from '../../state/text/text-edit.ts';
import type { Theme } from '../theme.ts';
import { editSpans, hiddenEdit } from '../widgets/edit.ts';
import { type Line, line } from '../widgets/lines.ts';

const LABEL = 16;
const MOST_CHOICES = 6;

/** A form: one question a line; below the current one its help, what is wrong with the answer, and the choices. */
export function formLines(store: ConsoleStore, state: ConsoleState, form: FormState, theme: Theme): Line[] {
  const { title, summary } = form.definition;
  const shown = shownQuestions(form);
  const hidden = form.questions.length - shown.length;
  const blocks = shown.map((question) => questionLines(store, state, form, question, theme));
  const place = shown.findIndex((question) => question.name === form.current);
  const head = headLines(` ${title} ${namedIn(form)}`, summary, state);
  const foot: Line[] = [
    [],
    hidden > 0
      ? line(`   ${hidden} more with defaults that fit most: ctrl-o shows them`, 'dim')
      : line(`   enter on the last line ${'save' in form.definition ? 'saves' : 'queues'} it`, 'dim'),
  ];
  return [...head, ...windowOf(blocks, place, bodyHeight(state) - head.length - foot.length), ...foot];
}

/** What the form does: beside its name where that has room, else below it; on a small screen as much as fits. */
function headLines(title: string, summary: string, { columns, rows }: ConsoleState): Line[] {
  const beside = title.length + 2 + summary.length <= columns || rows < 20;
  const about: Line[] = beside ? [] : wrapText(summary, columns - 2).map((text) => line(` ${text}`, 'dim'));
  return [
    [{ text: title, bold: true }, ...(beside ? [{ text: `  ${summary}`, tone: 'dim' as const }] : [])],
    ...about,
    [],
  ];
}

/** What a form is about: an object by its name, several by how many they are. */
function namedIn({ definition: { object, creates }, objects }: FormState): string {
  if (creates || objects.length === 0) return object;
  return objects.length === 1 ? `${object} ${objects[0]}` : `${objects.length} ${object}s`;
}

/** As many whole questions as fit, the current one among them. */
function windowOf(blocks: Line[][], place: number, room: number): Line[] {
  let from = 0;
  const height = (to: number): number => blocks.slice(from, to + 1).reduce((sum, block) => sum + block.length, 0);
  while (from < place && height(place) > room) from += 1;
  return blocks.slice(from).flat().slice(0, room);
}

function questionLines(
  store: ConsoleStore,
  state: ConsoleState,
  form: FormState,
  question: Question,
  theme: Theme,
): Line[] {
  const current = question.name === form.current;
  const label = padText(question.title, LABEL);
  const edit = form.values[question.name] ?? editText('');
  const shown = question.secret ? hiddenEdit(edit) : edit;
  const room = state.columns - LABEL - 8;
  const problem = problemOf(form, question, current);
  const value = current ? editSpans(shown, room) : [{ text: shown.text }];
  const empty = edit.text === '' && !current;
  const answer: Line = [
    {
      text: current ? ` ${theme.glyphs.cursor} ` : problem ? ` ${theme.glyphs.failed} ` : '   ',
      tone: current ? 'accent' : 'bad',
    },
    { text: label, bold: current },
    { text: '  ' },
    ...(empty
      ? [{ text: question.required ? 'needed' : question.now || theme.glyphs.dash, tone: 'dim' as const }]
      : value),
    ...(current && edit.text === '' && asideOf(question) !== ''
      ? [{ text: `  ${asideOf(question)}`, tone: 'dim' as const }]
      : []),
    ...(!current && problem && !empty ? [{ text: `   ${problem}`, tone: 'bad' as const }] : []),
  ];
  if (!current) return [answer];
  const below = (text: string, tone: 'dim' | 'bad'): Line[] =>
    wrapText(text, state.columns - LABEL - 6).map((part) => line(`${' '.repeat(LABEL + 5)}${part}`, tone));
  return [
    answer,
    ...below(question.help, 'dim'),
    ...(problem ? below(problem, 'bad') : []),
    ...choiceLines(form, store.choices(), state.columns, theme),
  ];
}

/** What stands beside an answer that is still empty. */
const asideOf = ({ now, example }: Question): string => (now ? `now ${now}` : example ? `e.g. ${example}` : '');

/** Why an answer is refused: by the queue first; nothing as long as the cursor has not left an empty answer. */
function problemOf(form: FormState, question: Question, current: boolean): string | undefined {
  const { refusal } = form;
  if (refusal && (refusal.field === question.name || (refusal.field === undefined && current))) {
    return `${refusal.message}. ${refusal.hint}`;
  }
  const answer = answerOf(form, question.name);
  if (answer === '' && !form.seen.has(question.name)) return undefined;
  return question.check(answer, form);
}

const shownOf = ({ value, shown = value }: FormChoice): string => shown;

function choiceLines(form: FormState, choices: readonly FormChoice[], columns: number, theme: Theme): Line[] {
  const fitting = fittingChoices(form, choices);
  const indent = ' '.repeat(LABEL + 5);
  if (choices.length === 0) {
    const listed = currentQuestion(form)?.choices;
    const asksPlatform = listed === 'platforms' || listed === 'otherPlatforms';
    const none = asksPlatform ? 'none fits: esc, then 2 and n add one' : 'there is nothing to choose from';
    return listed ? [line(`${indent}${none}`, 'dim')] : [];
  }
  if (fitting.length === 0) return [line(`${indent}none of ${choices.length} begins like that`, 'dim')];
  const chosen =
    form.picked >= 0 ? form.picked : fitting.findIndex(({ value }) => value === answerOf(form, form.current));
  const top = Math.max(0, Math.min(chosen - 2, fitting.length - MOST_CHOICES));
  const seen = fitting.slice(top, top + MOST_CHOICES);
  const room = columns - LABEL - 9;
  const width = Math.min(Math.max(...seen.map((choice) => shownOf(choice).length), 8) + 2, Math.max(10, room - 12));
  const more = fitting.length - top - MOST_CHOICES;
  return [
    ...seen.map((choice, place): Line => {
      const here = top + place === chosen;
      return [
        { text: `${indent}${here ? theme.glyphs.cursor : ' '} `, tone: 'accent' },
        { text: padText(cutText(shownOf(choice), width - 2), width), bold: here },
        { text: choice.label, tone: 'dim' },
      ];
    }),
    ...(more > 0 ? [line(`${indent}  ${more} more: ↓, or type to search`, 'dim')] : []),
  ];
}
