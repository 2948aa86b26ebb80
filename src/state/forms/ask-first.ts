import { randomUUID } from 'node:crypto';
import { newestBackup } from '../../db/backups.ts';
import type { Json } from '../../provision/model/errors.ts';
import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import { dangerOf } from '../../worker/marking.ts';
import type { Access } from '../../worker/queue-access.ts';
import { inSlices } from '../../worker/slices.ts';
import type { Act } from '../model/command.ts';
import { openDialog } from '../model/open-dialog.ts';
import { changeList } from '../pages/list.ts';
import { verbOf } from '../tables/cells.ts';
import { editText } from '../text/text-edit.ts';
import { fewReasons, type Many } from './many.ts';

/** What asking and queueing need beside the state. */
export interface AskTools {
  act: Act;
  queue(): Access | undefined;
  /** Called with the ids of tasks that were just queued. */
  queued(ids: readonly number[]): void;
  /** Does something with many behind the screen. */
  many: Many['begin'];
  /** What a task means for an object, beyond what its type says: what changes by a move to another platform. */
  meaning(type: string, object: string, args: Readonly<Record<string, Json>>): readonly string[];
}

/** Asks before a dangerous task, and before any task on several objects; then queues what can be done. */
export function askFirst(tools: AskTools, definition: AnyTask, names: readonly string[]): void {
  const ask = (args: Record<string, Json>): void =>
    askBefore(tools, definition, names, args, (possible) => queueAll(tools, definition, possible, args));
  const { act } = tools;
  const queue = tools.queue();
  const field = queue && act.state().catalogue?.askedOf(queue, definition);
  const possible = possibleOf(tools, definition, names);
  if (!field?.asked || possible.length === 0) {
    ask({});
    return;
  }
  const { question, choices } = field.asked;
  const answers = Object.entries(choices).map(([value, label]) => ({ label, run: () => ask({ [field.name]: value }) }));
  openDialog(act, {
    kind: 'confirm',
    title: `${definition.title} ${said(definition, possible)}: ${question.charAt(0).toLowerCase()}${question.slice(1)}`,
    lines: linesOf(tools, definition, names, {}),
    choices: [...answers, { label: 'Leave it' }],
    selected: 0,
    top: 0,
  });
}

/** Asks whether a task is meant; names every object, what is lost, and what is left out because it cannot be done. */
export function askBefore(
  tools: AskTools,
  definition: AnyTask,
  names: readonly string[],
  args: Readonly<Record<string, Json>>,
  go: (possible: readonly string[]) => void,
): void {
  const { act } = tools;
  const { title } = definition;
  const possible = possibleOf(tools, definition, names);
  if (possible.length === 0) {
    const [first] = names;
    const reason = first === undefined ? undefined : reasonOf(tools, definition, first);
    act.notify(reason ?? 'nothing can be done', 'warn');
    return;
  }
  const what = said(definition, possible);
  const question = {
    title: `${title} ${what}?`,
    lines: linesOf(tools, definition, names, args),
    run: () => go(possible),
  };
  if (dangerOf(definition, act.state().marking) === 'typed')
    askForName(act, { ...question, expected: possible.length === 1 ? (possible[0] ?? '') : what });
  else askForYes(act, { ...question, yes: `Yes, ${title.toLowerCase()}`, no: 'No, leave it' });
}

/** What is asked before something is done. */
interface Question {
  title: string;
  lines: string[];
  run(): void;
}

/** Asks with the safe answer selected. */
export const askForYes = (act: Act, { run, yes, no, ...said }: Question & { yes: string; no: string }): void =>
  openDialog(act, { ...said, kind: 'confirm', choices: [{ label: no }, { label: yes, run }], selected: 0, top: 0 });

/** Asks for the name of what would be lost. */
export const askForName = (act: Pick<Act, 'update'>, question: Question & { expected: string }): void =>
  openDialog(act, { ...question, kind: 'typed', edit: editText(''), top: 0, openedAt: Date.now() });

/** Queues a task for each of some objects, as one batch, and says what became of it. */
export function queueAll(
  tools: AskTools,
  definition: AnyTask,
  names: readonly string[],
  args: Record<string, Json>,
): void {
  const { act } = tools;
  const { catalogue } = act.state();
  const queue = tools.queue();
  if (!catalogue || !queue) {
    act.notify('This machine is not set up: run aegir setup.', 'warn');
    return;
  }
  const { type } = definition;
  const batch = names.length > 1 ? { batch: randomUUID() } : {};
  const slices = inSlices(queue, names, (object) => catalogue.queueTask(queue, { type, object, args, ...batch }));
  act.update((state) => changeList(state, (list) => ({ ...list, marks: new Set() })));
  tools.many({ what: `queue ${verbOf(type)}`, unit: `${definition.object}s` }, slices, (error) => {
    const ids = slices.given.map(({ id }) => id);
    const reasons = [...slices.refused.map((one) => one.error), ...(error ? [error] : [])];
    const refusals = fewReasons(reasons.map(({ message, hint }) => `${message}. ${hint}`));
    if (ids.length > 0) tools.queued(ids);
    act.notify(outcomeOf(definition, names, ids, refusals), refusals.length > 0 ? 'warn' : 'plain');
  });
}

const reasonOf = ({ act }: AskTools, { type, object }: AnyTask, name: string): string | undefined =>
  act.facts.refusal(type, { kind: object, name });

const possibleOf = (tools: AskTools, definition: AnyTask, names: readonly string[]): string[] =>
  names.filter((name) => reasonOf(tools, definition, name) === undefined);

const said = ({ object }: AnyTask, names: readonly string[]): string =>
  names.length === 1 ? `${object} ${names[0]}` : `${names.length} ${object}s`;

function linesOf(
  tools: AskTools,
  definition: AnyTask,
  names: readonly string[],
  args: Readonly<Record<string, Json>>,
): string[] {
  const possible = possibleOf(tools, definition, names);
  const can = new Set(possible);
  const left = names.filter((name) => !can.has(name));
  const [only] = possible;
  return [
    ...lossOf(tools, definition, possible),
    ...(names.length === 1 && only !== undefined ? tools.meaning(definition.type, only, args) : []),
    ...(names.length > 1 ? possible.map((name) => `  ${name}`) : []),
    ...left.map((name) => `  left out: ${name} (${reasonOf(tools, definition, name)})`),
  ];
}

/** What a dangerous task takes away, and which backup would bring it back. */
export const lossOf = (tools: AskTools, definition: AnyTask, names: readonly string[]): string[] =>
  // The backup stands first: on a small screen the rest is below the edge.
  definition.loses ? [...newestBackups(tools, definition, names), `This takes away ${definition.loses}.`, ''] : [];

/** Which backup would bring each site back. */
function newestBackups(tools: AskTools, { object }: AnyTask, names: readonly string[]): string[] {
  const db = tools.queue()?.inventory;
  if (!db || object !== 'site') return [];
  return names.map((name) => {
    const newest = newestBackup(db, name);
    const whose = names.length === 1 ? 'it' : name;
    if (!newest) return `There is no backup of ${whose}.`;
    const of = names.length === 1 ? 'Newest backup' : `Newest backup of ${name}`;
    return `${of}, ${newest.createdAt.slice(0, 16).replace('T', ' ')}: ${newest.name}`;
  });
}

function outcomeOf(definition: AnyTask, names: readonly string[], ids: number[], refusals: string[]): string {
  const words: string[] = [];
  const verb = verbOf(definition.type);
  if (ids.length === 1) words.push(`Queued: ${verb} ${names.length === 1 ? names[0] : ''}`.trim());
  if (ids.length > 1) words.push(`Queued: ${verb}, ${ids.length} ${definition.object}s`);
  if (ids.length === 1) words.push('u undoes it');
  if (ids.length > 1) words.push('T shows them', 'u undoes it');
  return [...words, ...refusals].join(' · ');
}
