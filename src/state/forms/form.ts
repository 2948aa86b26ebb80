import type { FormChoice, FormState, Question } from '../model/form.ts';
import { applyEditKey, editText, insertText, isTyped, type TextEdit } from '../text/text-edit.ts';

/** What a key did to a form. */
export type FormOutcome = { form: FormState; next?: 'queue' | 'plan' };

/** The questions that are shown. */
export const shownQuestions = (form: FormState): readonly Question[] =>
  form.questions.filter((question) => form.advanced || !question.advanced);

/** What is typed in a question. */
export const answerOf = (form: FormState, name: string): string => form.values[name]?.text ?? '';

/** The question that has the keys. */
export function currentQuestion(form: FormState): Question | undefined {
  return form.questions.find((question) => question.name === form.current);
}

/** Why the answers cannot be queued, by question. */
export function problemsOf(form: FormState): Map<string, string> {
  const problems = new Map<string, string>();
  for (const question of form.questions) {
    const problem = question.check(answerOf(form, question.name), form);
    if (problem) problems.set(question.name, problem);
  }
  return problems;
}

/** The choices that fit what was typed, those that begin with it first. */
export function fittingChoices(form: FormState, choices: readonly FormChoice[]): readonly FormChoice[] {
  const typed = answerOf(form, form.current).toLowerCase();
  if (!form.typed || typed === '') return choices;
  const starts = choices.filter(({ value }) => value.toLowerCase().startsWith(typed));
  const holds = choices.filter(
    ({ value, shown = '', label }) =>
      !starts.some((choice) => choice.value === value) && `${value} ${shown} ${label}`.toLowerCase().includes(typed),
  );
  return [...starts, ...holds];
}

/** Applies a key. `choices` are all that the current question offers. */
export function pressForm(form: FormState, key: string, choices: readonly FormChoice[]): FormOutcome {
  const fitting = fittingChoices(form, choices);
  if (key === 'ctrl-enter' || key === 'ctrl-s') return tryQueue(takePicked(form, fitting));
  if (key === 'ctrl-d') return tryQueue(takePicked(form, fitting), 'plan');
  if (key === 'ctrl-o') return { form: { ...form, advanced: !form.advanced } };
  if (key === 'enter') {
    const taken = takePicked(form, fitting);
    const last = shownQuestions(taken).at(-1)?.name === taken.current;
    return last ? tryQueue(taken) : { form: moveBy(taken, 1) };
  }
  if (key === 'tab') return { form: moveBy(takePicked(form, fitting), 1) };
  if (key === 'shift-tab') return { form: moveBy(takePicked(form, fitting), -1) };
  if (key === 'up' || key === 'down') {
    const by = key === 'up' ? -1 : 1;
    return { form: fitting.length > 0 ? pickBy(form, fitting, by) : moveBy(form, by) };
  }
  const answer = isTyped(key) ? typedOver(form, choices) : form.values[form.current];
  const edited = applyEditKey(answer ?? editText(''), key);
  return { form: edited ? typeAnswer(form, edited, choices) : form };
}

/** Puts pasted text into the current answer. */
export const pasteForm = (form: FormState, text: string, choices: readonly FormChoice[]): FormState =>
  typeAnswer(form, insertText(typedOver(form, choices), text.trim()), choices);

/** Shows what the queue refused, at its question. */
export function refuseForm(form: FormState, refusal: NonNullable<FormState['refusal']>): FormState {
  const question = form.questions.find(({ name }) => name === refusal.field);
  const advanced = form.advanced || question?.advanced === true;
  return { ...focusOn(form, question?.name ?? form.current), advanced, refusal };
}

/** The answers as text, without secrets: what is kept of a form that was left or queued. */
export function draftOf(form: FormState): Record<string, string> {
  const kept = form.questions.filter((question) => !question.secret);
  return Object.fromEntries(kept.map(({ name }) => [name, answerOf(form, name)]));
}

function tryQueue(form: FormState, next: 'queue' | 'plan' = 'queue'): FormOutcome {
  const seen = new Set(form.questions.map((question) => question.name));
  const [first] = problemsOf(form).keys();
  if (first === undefined) return { form: { ...form, seen }, next };
  const advanced = form.advanced || form.questions.some(({ name, advanced: more }) => name === first && more);
  return { form: { ...focusOn(form, first), advanced, seen } };
}

function moveBy(form: FormState, by: number): FormState {
  const shown = shownQuestions(form);
  const place = shown.findIndex((question) => question.name === form.current);
  const next = shown[Math.max(0, Math.min(place + by, shown.length - 1))];
  return next ? focusOn(form, next.name) : form;
}

function focusOn(form: FormState, name: string): FormState {
  const seen = new Set(form.seen).add(form.current);
  const values = { ...form.values, [name]: editText(answerOf(form, name)) };
  return { ...form, seen, values, current: name, typed: false, picked: -1 };
}

function takePicked(form: FormState, fitting: readonly FormChoice[]): FormState {
  // Where an answer is needed and only one can be, nothing else can be meant.
  const only = currentQuestion(form)?.required && fitting.length === 1 && answerOf(form, form.current) === '';
  const choice = fitting[only ? 0 : form.picked];
  if (!choice) return form;
  return { ...form, values: { ...form.values, [form.current]: editText(choice.value) }, typed: false, picked: -1 };
}

function pickBy(form: FormState, fitting: readonly FormChoice[], by: number): FormState {
  const answer = answerOf(form, form.current);
  const from = form.picked >= 0 ? form.picked : fitting.findIndex(({ value }) => value === answer);
  return { ...form, picked: Math.max(0, Math.min(from + by, fitting.length - 1)) };
}

/**
 * What typed text is added to. A choice that stands there already (the only one, a default, one taken before) is typed
 * over, as a list that narrows by what is typed begins anew; whoever moves in it, or takes letters away, changes it.
 */
function typedOver(form: FormState, choices: readonly FormChoice[]): TextEdit {
  const edit = form.values[form.current] ?? editText('');
  const untouched = !form.typed && edit.cursor === edit.text.length;
  return untouched && choices.some(({ value }) => value === edit.text) ? editText('') : edit;
}

function typeAnswer(form: FormState, edit: TextEdit, choices: readonly FormChoice[]): FormState {
  const changed = edit.text !== answerOf(form, form.current);
  const next = { ...form, values: { ...form.values, [form.current]: edit } };
  if (!changed) return next;
  const typed = { ...next, typed: true, refusal: undefined };
  const fits = edit.text !== '' && fittingChoices(typed, choices).length > 0;
  return { ...typed, picked: fits ? 0 : -1 };
}
