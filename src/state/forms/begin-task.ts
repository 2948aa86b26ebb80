import { describeError } from '../../provision/model/errors.ts';
import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import type { TaskRequest } from '../../worker/queue-access.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { Act } from '../model/command.ts';
import type { AtOnce, FormState } from '../model/form.ts';
import { withDialog, withoutDialog } from '../model/open-dialog.ts';
import { type ConsoleState, currentForm, emptyPage, type ObjectRef } from '../model/state.ts';
import { openPage } from '../pages/navigation.ts';
import { type AskTools, askBefore, askFirst, queueAll } from './ask-first.ts';
import { answerOf, draftOf, refuseForm } from './form.ts';
import { argumentsOf, makeForm, type NameTaken, OBJECT_QUESTION } from './make-form.ts';

/** What beginning a task needs beside the state. */
export interface BeginTools extends AskTools {
  nameTaken: NameTaken;
  /** What an object has now of what a task changes, by argument, to be shown beside its questions. */
  present(type: string, object: string): Readonly<Record<string, string>>;
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
  } else if (definition.creates) {
    openForm(tools, catalogue, definition, first ? [first.name] : [], given);
  } else if (!first) {
    act.notify(`There is no ${definition.object} to do this to.`, 'warn');
  } else if (objects.length > 1 && needsAnswers(catalogue, definition)) {
    const several = definition.several ? `; ${definition.several}` : '';
    act.notify(
      `${definition.title} asks for answers: it is done with one ${definition.object} at a time${several}`,
      'warn',
    );
  } else if (act.state().withOptions || hasQuestions(catalogue, definition)) {
    const names = objects.map(({ name }) => name);
    openForm(tools, catalogue, definition, names, given);
  } else if (definition.danger === 'none' && objects.length === 1) {
    queueAll(tools, definition, [first.name], {});
  } else {
    askFirst(
      tools,
      definition,
      objects.map((object) => object.name),
    );
  }
  act.update((state) => (state.withOptions ? { ...state, withOptions: false } : state));
}

/** Queues what the form on top says; a dangerous task and one on several objects are asked for first. */
export function queueForm(tools: BeginTools): void {
  const form = currentForm(tools.act.state())?.form;
  if (!form) return;
  const { definition, objects } = form;
  if ('save' in definition) saveForm(tools, form, definition);
  else if (definition.danger === 'none' && objects.length < 2) queueFormNow(tools, form, definition);
  else
    askBefore(tools, definition, objects, argumentsOf(form), (possible) =>
      queueFormNow(tools, { ...form, objects: possible }, definition),
    );
}

/** What is done at once; what stands against it is shown at its question. */
function saveForm({ act }: BeginTools, form: FormState, { save }: AtOnce): void {
  try {
    const said = save(answerOf(form, OBJECT_QUESTION), argumentsOf(form));
    act.update((state) => closeForm(state, form));
    act.refresh();
    act.notify(said, 'good');
  } catch (error) {
    showRefusal(act, error);
  }
}

function showRefusal(act: Act, error: unknown): void {
  const { message, hint, field } = describeError(error);
  const at = field === 'uri' || field === 'name' ? OBJECT_QUESTION : field;
  act.update((state) => changeForm(state, (old) => refuseForm(old, { field: at, message, hint })));
}

/** What the queue refuses is shown at its question. */
function queueFormNow(tools: BeginTools, form: FormState, definition: AnyTask): void {
  const { act } = tools;
  if (form.objects.length > 1) {
    act.update((state) => closeForm(state, form));
    queueAll(tools, definition, form.objects, argumentsOf(form));
    return;
  }
  const { catalogue } = act.state();
  const queue = tools.queue();
  if (!catalogue || !queue) return;
  try {
    const id = catalogue.queueTask(queue, requestOf(form));
    tools.queued([id]);
    // What was asked for in a form is what the person waits for: show it.
    act.update((state) => openPage(closeForm(state, form), emptyPage('task', String(id))));
  } catch (error) {
    showRefusal(act, error);
  }
}

function closeForm(state: ConsoleState, form: FormState): ConsoleState {
  const { [form.draft]: _done, ...drafts } = state.drafts;
  return withoutDialog({ ...state, drafts });
}

/** What a form asks the queue for; of several objects for the first. */
export function requestOf(form: FormState): TaskRequest {
  const { definition, objects } = form;
  const object = definition.creates ? answerOf(form, OBJECT_QUESTION) : (objects[0] ?? '');
  return { type: definition.type, object, args: argumentsOf(form) };
}

/** Leaves the form on top; what was typed, but for secrets, is there when it is opened again. */
export function leaveForm({ act }: BeginTools): void {
  const form = currentForm(act.state())?.form;
  if (!form) return;
  act.update((state) => withoutDialog({ ...state, drafts: { ...state.drafts, [form.draft]: draftOf(form) } }));
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

/** A task is begun at once when its questions are but advanced ones, or are asked by themselves. */
const hasQuestions = (catalogue: TaskCatalogue, definition: AnyTask): boolean =>
  catalogue.fieldsOf(definition).some(({ advanced, asked }) => !advanced && !asked);

function openForm(
  { act, nameTaken, present }: BeginTools,
  catalogue: TaskCatalogue,
  definition: AnyTask,
  objects: readonly string[],
  given: Record<string, string>,
): void {
  act.update((state) => {
    const [only] = objects;
    const now = only !== undefined && objects.length === 1 ? present(definition.type, only) : {};
    const make = (answers: Record<string, string>): FormState =>
      makeForm(catalogue, definition, objects, answers, nameTaken, now);
    const blank = make(given);
    const draft = state.drafts[blank.draft];
    const form = draft ? make({ ...draft, ...given }) : blank;
    const advanced = form.advanced || !hasQuestions(catalogue, definition);
    return withDialog(state, { kind: 'form', form: { ...form, advanced } });
  });
}
