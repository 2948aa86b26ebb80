import type { BackupRow } from '../../db/backups.ts';
import { describeError, type Json } from '../../provision/model/errors.ts';
import type { Field } from '../../provision/tasks/model/fields.ts';
import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { AtOnce, FormChoice, FormState, FormTopic, Question } from '../model/form.ts';
import { formatBytes } from '../text/format.ts';
import { editText } from '../text/text-edit.ts';
import { answerOf } from './form.ts';
import { languages } from './languages.ts';

/** Name of the question for a new object's own name: it is no argument of the task. */
export const OBJECT_QUESTION = 'object';

/** Says who has a name already, or undefined. */
export type NameTaken = (kind: AnyTask['object'], name: string) => string | undefined;

/** A form for a task: its arguments as questions, filled in from `given` and the defaults. */
export function makeForm(
  catalogue: TaskCatalogue,
  definition: AnyTask,
  objects: readonly string[],
  given: Record<string, string>,
  nameTaken: NameTaken,
  now: Readonly<Record<string, string>> = {},
): FormState {
  const words = definition.object === 'site' ? siteWords : { ...platformWords, help: platformHelp(definition.object) };
  const check = (text: string, form?: FormState): string | undefined => {
    const name = catalogue.objectName(definition, text);
    // What is made again is known already.
    return form && answerOf(form, 'again') === 'yes' ? undefined : nameTaken(definition.object, name);
  };
  const naming = definition.creates ? [nameQuestion(words, check)] : [];
  return formOf(definition, naming, catalogue.fieldsOf(definition), objects, given, now);
}

/** A form for what is done at once. */
export const makeFormAtOnce = (
  topic: AtOnce,
  fields: readonly Field[],
  objects: readonly string[],
  now: Readonly<Record<string, string>>,
): FormState =>
  formOf(topic, topic.creates ? [nameQuestion(clientWords, () => undefined)] : [], fields, objects, {}, now);

function formOf(
  definition: FormTopic,
  naming: readonly Question[],
  fields: readonly Field[],
  objects: readonly string[],
  given: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): FormState {
  const questions = [...naming, ...fields.map((field) => ({ ...questionOf(field), now: now[field.name] ?? '' }))];
  const defaults = Object.fromEntries(fields.map((field) => [field.name, textOf(field.default)]));
  const [first] = objects;
  const texts = { ...defaults, ...given, ...(first === undefined ? {} : { [OBJECT_QUESTION]: first }) };
  return {
    definition,
    objects,
    draft: definition.creates ? definition.type : `${definition.type} ${objects.join(' ')}`,
    questions,
    values: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, editText(text)])),
    current: questions[0]?.name ?? '',
    advanced: false,
    typed: false,
    picked: -1,
    seen: new Set(),
    refusal: undefined,
  };
}

/** The arguments that a form's answers stand for. An answer left empty is left to the task's default. */
export function argumentsOf(form: FormState): Record<string, Json> {
  const args: Record<string, Json> = {};
  for (const { name, kind } of form.questions) {
    const text = answerOf(form, name);
    if (name !== OBJECT_QUESTION && text !== '') args[name] = answerValue(kind, text);
  }
  return args;
}

/** Names that questions offer and that no page has read. Each is looked up when a question asks for it. */
export interface KnownNames {
  clients(): readonly string[];
  /** The services of the server that the form is about. */
  services(): readonly { id: string; name: string }[];
  /** The branches of PHP that this machine has. */
  phps(): readonly string[];
  sites(): readonly string[];
  platforms(): readonly {
    name: string;
    engine: string;
    version: string;
    state: string;
    profiles: { name: string; title: string }[];
  }[];
  backups(): readonly KnownBackup[];
  allBackups(): readonly KnownBackup[];
}

type KnownBackup = Pick<BackupRow, 'name' | 'uri' | 'description' | 'createdAt' | 'bytes'>;

/** All that a question offers to choose from. */
export function choicesOf(question: Question | undefined, form: FormState, known: KnownNames): readonly FormChoice[] {
  if (!question) return [];
  if (question.kind === 'boolean') return [plain('yes'), plain('no')];
  switch (question.choices) {
    case 'platforms':
    case 'otherPlatforms':
      return known
        .platforms()
        .filter((platform) => platform.state === 'ready')
        .map(({ name, engine, version }) => ({ value: name, label: `${engine} ${version}` }));
    case 'profiles': {
      const platform = known.platforms().find(({ name }) => name === answerOf(form, 'platform'));
      return (platform?.profiles ?? []).map(({ name, title }) => ({ value: name, label: title }));
    }
    case 'services':
      return known.services().map(({ id, name }) => ({ value: id, label: name }));
    case 'phps':
      return known.phps().map(plain);
    case 'clients':
      return known.clients().map(plain);
    case 'sites':
      return known.sites().map(plain);
    case 'allBackups':
      return known.allBackups().map((backup) => backupChoice(backup, backup.uri));
    case 'backups':
      return known.backups().map((backup) => backupChoice(backup, ''));
    case 'languages':
      return languages();
    default:
      return question.options.map(plain);
  }
}

/** By when it was made: its name is long, and begins alike for all of a site. */
const backupChoice = ({ name, createdAt, bytes, description }: KnownBackup, uri: string): FormChoice => ({
  value: name,
  shown: `${createdAt.slice(0, 16).replace('T', ' ')}${uri && `  ${uri}`}`,
  label: [formatBytes(bytes), description].filter(Boolean).join('  '),
});

const plain = (value: string): FormChoice => ({ value, label: '' });

function questionOf(field: Field): Omit<Question, 'now'> {
  const { name, title, help, kind, options, required, schema, choices } = field;
  return {
    name,
    title,
    help,
    kind,
    choices,
    options,
    required,
    secret: field.secret === true,
    advanced: field.advanced === true,
    example: field.example ?? '',
    check(text) {
      if (text === '') return required ? 'needed' : undefined;
      const parsed = schema.safeParse(answerValue(kind, text));
      return parsed.success ? undefined : (parsed.error.issues[0]?.message ?? 'not valid');
    },
  };
}

const siteWords = { title: 'URI', help: 'The host name that visitors type.', example: 'shop.example.org' };
const platformWords = { title: 'Name', example: 'intranet-2026' };
const platformHelp = (object: string): string => `What you call this ${object}, also its folder.`;
const clientWords = { title: 'Name', help: 'What you call this client.', example: 'Ann Example' };

function nameQuestion(words: Pick<Question, 'title' | 'help' | 'example'>, wrongWith: Question['check']): Question {
  return {
    ...words,
    name: OBJECT_QUESTION,
    now: '',
    kind: 'text',
    choices: undefined,
    options: [],
    required: true,
    secret: false,
    advanced: false,
    check(text, form) {
      if (text === '') return 'needed';
      try {
        return wrongWith(text, form);
      } catch (error) {
        const { message, hint } = describeError(error);
        return `${message}. ${hint}`;
      }
    },
  };
}

function answerValue(kind: Field['kind'], text: string): Json {
  if (kind === 'boolean') return text === 'yes' || (text === 'no' ? false : text);
  // Text that is no number stays text, so that the schema says what is wrong with it.
  return kind === 'number' && /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

const textOf = (value: Field['default']): string =>
  typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value ?? '');
