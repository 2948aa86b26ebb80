import { randomUUID } from 'node:crypto';
import { listBackups } from '../db/backups.ts';
import { describeError, type Json } from '../provision/errors.ts';
import type { AnyTask } from '../provision/tasks/registry.ts';
import type { Queue, TaskRequest } from '../worker/queue.ts';
import { verbOf } from './cells.ts';
import type { Act } from './commands/command.ts';
import { currentForm } from './dialogs.ts';
import { answerOf, draftOf, type FormState, refuseForm } from './form.ts';
import { changeList } from './list.ts';
import { argumentsOf, makeForm, type NameTaken, OBJECT_QUESTION } from './make-form.ts';
import { type ConsoleState, type Dialog, emptyPage, type ObjectRef } from './model.ts';
import { openPage } from './navigation.ts';
import type { TaskCatalogue } from './task-catalogue.ts';
import { editText } from './text-edit.ts';

/** What beginning a task needs beside the state. */
export interface BeginTools {
  act: Act;
  queue(): Queue | undefined;
  nameTaken: NameTaken;
  /** Called with the ids of tasks that were just queued. */
  queued(ids: readonly number[]): void;
}

/** Begins a task in the way its type asks for: a form for what it must know, a question where it is dangerous, else at once. */
export function beginTask(
  tools: BeginTools,
  type: string,
  objects: readonly ObjectRef[],
  given: Record<string, string> = {},
): void {
  const { act } = tools;
  const { catalogue } = act.state();
  const definition = catalogue?.definitions.find((candidate) => candidate.type === type);
  const [first] = objects;
  if (!catalogue || !definition) {
    act.notify('The task types are still being loaded; try again.', 'warn');
  } else if (definition.creates || (objects.length === 1 && needsAnswers(catalogue, definition))) {
    openForm(tools, catalogue, definition, first?.name, given);
  } else if (needsAnswers(catalogue, definition) && objects.length > 1) {
    const several = type === 'site.migrate' ? '; several move from the page of their platform: m' : '';
    act.notify(
      `${definition.title} asks for answers: it is done with one ${definition.object} at a time${several}`,
      'warn',
    );
  } else if (!first) {
    act.notify(`There is no ${definition.object} to do this to.`, 'warn');
  } else if (definition.danger === 'none' && objects.length === 1) {
    queueAll(tools, definition, [first.name], {});
  } else {
    askFirst(
      tools,
      definition,
      objects.map((object) => object.name),
    );
  }
}

/** Queues what the form on top says, after the object's name was typed where that is asked for. */
export function queueForm(tools: BeginTools): void {
  const form = currentForm(tools.act.state())?.form;
  if (form && form.definition.danger === 'typed') askName(tools, form);
  else if (form) queueFormNow(tools, form);
}

/** Stands above the form, so that leaving it loses nothing. */
function askName(tools: BeginTools, form: FormState): void {
  const { definition } = form;
  const { object } = requestOf(form);
  const dialog: Dialog = {
    kind: 'typed',
    title: `${definition.title} ${definition.object} ${object}?`,
    lines: lossOf(tools, definition, [object]),
    expected: object,
    edit: editText(''),
    top: 0,
    run: () => queueFormNow(tools, form),
  };
  tools.act.update((state) => ({ ...state, notice: undefined, dialogs: [...state.dialogs, dialog] }));
}

/** What the queue refuses is shown at its question. */
function queueFormNow(tools: BeginTools, form: FormState): void {
  const { act } = tools;
  const { catalogue } = act.state();
  const queue = tools.queue();
  if (!catalogue || !queue) return;
  try {
    const id = catalogue.queueTask(queue, requestOf(form));
    tools.queued([id]);
    act.update((state) => {
      const { [form.draft]: _done, ...drafts } = state.drafts;
      // What was asked for in a form is what the person waits for: show it.
      return openPage({ ...state, drafts, dialogs: state.dialogs.slice(0, -1) }, emptyPage('task', String(id)));
    });
  } catch (error) {
    const { message, hint, field } = describeError(error);
    const at = field === 'uri' || field === 'name' ? OBJECT_QUESTION : field;
    act.update((state) => changeForm(state, (old) => refuseForm(old, { field: at, message, hint })));
  }
}

/** What a form asks the queue for. */
export function requestOf(form: FormState): TaskRequest {
  const { definition, draft } = form;
  const object = definition.creates ? answerOf(form, OBJECT_QUESTION) : draft.slice(draft.indexOf(' ') + 1);
  return { type: definition.type, object, args: argumentsOf(form) };
}

/** Leaves the form on top; what was typed, but for secrets, is there when it is opened again. */
export function leaveForm({ act }: BeginTools): void {
  const form = currentForm(act.state())?.form;
  if (!form) return;
  act.update((state) => ({
    ...state,
    drafts: { ...state.drafts, [form.draft]: draftOf(form) },
    dialogs: state.dialogs.slice(0, -1),
  }));
}

const changeForm = (
  state: ConsoleState,
  change: (form: ReturnType<typeof makeForm>) => ReturnType<typeof makeForm>,
) => {
  const dialog = currentForm(state);
  if (!dialog) return state;
  return { ...state, dialogs: [...state.dialogs.slice(0, -1), { ...dialog, form: change(dialog.form) }] };
};

const needsAnswers = (catalogue: TaskCatalogue, definition: AnyTask): boolean =>
  catalogue.fieldsOf(definition).some((field) => field.required);

function openForm(
  { act, nameTaken }: BeginTools,
  catalogue: TaskCatalogue,
  definition: AnyTask,
  object: string | undefined,
  given: Record<string, string>,
): void {
  act.update((state) => {
    const blank = makeForm(catalogue, definition, object, given, nameTaken);
    const draft = state.drafts[blank.draft];
    const form = draft ? makeForm(catalogue, definition, object, { ...draft, ...given }, nameTaken) : blank;
    return { ...state, notice: undefined, dialogs: [...state.dialogs, { kind: 'form', form }] };
  });
}

/** Asks before a dangerous task, and before any task on several objects; names every one of them. */
function askFirst(tools: BeginTools, definition: AnyTask, names: readonly string[]): void {
  const { act } = tools;
  const { type, title, object, danger } = definition;
  const refused = names.flatMap((name) => {
    const reason = act.facts.refusal(type, { kind: object, name });
    return reason === undefined ? [] : [{ name, reason }];
  });
  const possible = names.filter((name) => !refused.some((item) => item.name === name));
  if (possible.length === 0) {
    act.notify(refused[0]?.reason ?? 'nothing can be done', 'warn');
    return;
  }
  const [only] = possible;
  const what = possible.length === 1 ? `${object} ${only}` : `${possible.length} ${object}s`;
  const lines = [
    ...lossOf(tools, definition, possible),
    ...(names.length > 1 ? possible.map((name) => `  ${name}`) : []),
    ...refused.map(({ name, reason }) => `  left out: ${name} (${reason})`),
  ];
  const open = (dialog: Dialog): void =>
    act.update((state) => ({ ...state, notice: undefined, dialogs: [...state.dialogs, dialog] }));
  const confirm = (args: Record<string, Json>): void => {
    const run = (): void => queueAll(tools, definition, possible, args);
    const same = { title: `${title} ${what}?`, lines, top: 0 };
    if (danger === 'typed') {
      open({ ...same, kind: 'typed', expected: expectedText(what, possible), edit: editText(''), run });
    } else {
      const choices = [{ label: 'No, leave it' }, { label: `Yes, ${title.toLowerCase()}`, run }];
      open({ ...same, kind: 'confirm', choices, selected: 0 });
    }
  };
  const { catalogue } = act.state();
  const queue = tools.queue();
  const field = catalogue && queue && catalogue.askedOf(queue, definition);
  if (!field?.asked) {
    confirm({});
    return;
  }
  const { question, choices } = field.asked;
  const answers = Object.entries(choices).map(([value, label]) => ({
    label,
    run: () => confirm({ [field.name]: value }),
  }));
  const asked = `${title} ${what}: ${question.charAt(0).toLowerCase()}${question.slice(1)}`;
  open({ kind: 'confirm', title: asked, lines, choices: [...answers, { label: 'Leave it' }], selected: 0, top: 0 });
}

/** What a dangerous task takes away, and which backup would bring it back. */
const lossOf = (tools: BeginTools, definition: AnyTask, names: readonly string[]): string[] =>
  definition.loses ? [`This takes away ${definition.loses}.`, ...newestBackup(tools, definition, names), ''] : [];

/** Which backup would bring each site back. */
function newestBackup(tools: BeginTools, { object }: AnyTask, names: readonly string[]): string[] {
  const db = tools.queue()?.inventory;
  if (!db || object !== 'site') return [];
  return names.map((name) => {
    const [newest] = listBackups(db, name);
    const whose = names.length === 1 ? 'it' : name;
    if (!newest) return `There is no backup of ${whose}.`;
    const of = names.length === 1 ? 'Its newest backup' : `The newest backup of ${name}`;
    return `${of} is of ${newest.createdAt.slice(0, 16).replace('T', ' ')}: ${newest.name}.`;
  });
}

const expectedText = (what: string, names: readonly string[]): string => (names.length === 1 ? (names[0] ?? '') : what);

function queueAll(tools: BeginTools, definition: AnyTask, names: readonly string[], args: Record<string, Json>): void {
  const { act } = tools;
  const { catalogue } = act.state();
  const queue = tools.queue();
  if (!catalogue || !queue) {
    act.notify('This machine is not set up: run aegir setup.', 'warn');
    return;
  }
  const batch = names.length > 1 ? randomUUID() : undefined;
  const ids: number[] = [];
  const refusals: string[] = [];
  for (const object of names) {
    try {
      ids.push(catalogue.queueTask(queue, { type: definition.type, object, args, ...(batch ? { batch } : {}) }));
    } catch (error) {
      const { message, hint } = describeError(error);
      refusals.push(`${message}. ${hint}`);
    }
  }
  if (ids.length > 0) tools.queued(ids);
  act.update((state) => changeList(state, (list) => ({ ...list, marks: new Set() })));
  act.notify(saidOf(definition, names, ids, refusals), refusals.length > 0 ? 'warn' : 'plain');
}

function saidOf(definition: AnyTask, names: readonly string[], ids: number[], refusals: string[]): string {
  const said: string[] = [];
  const verb = verbOf(definition.type);
  if (ids.length === 1) said.push(`Queued: ${verb} ${names.length === 1 ? names[0] : ''}`.trim());
  if (ids.length > 1) said.push(`Queued: ${verb}, ${ids.length} ${definition.object}s`);
  if (ids.length > 0) said.push('u undoes it');
  return [...said, ...refusals].join(' · ');
}
