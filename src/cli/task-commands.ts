import type { Command } from 'commander';
import { findTask, type TaskRow } from '../db/tasks.ts';
import { AegirError } from '../provision/model/errors.ts';
import { type Field, fieldsOf } from '../provision/tasks/model/fields.ts';
import type { AnyTask, Tasks } from '../provision/tasks/model/tasks.ts';
import { askedOf } from '../worker/asked-argument.ts';
import { refusalOf } from '../worker/availability.ts';
import { localDeps } from '../worker/local-deps.ts';
import { dangerOf, readMarking } from '../worker/marking.ts';
import { planTask } from '../worker/plan-task.ts';
import { objectName, queueTask } from '../worker/queue.ts';
import type { Action } from './action.ts';
import { declined, NOTHING_QUEUED, saysYes } from './agree.ts';
import { askLine } from './ask-line.ts';
import { addFieldOptions, fieldValues } from './field-options.ts';
import { objectNames } from './names.ts';
import { noWorker } from './no-worker.ts';
import { missing } from './objects.ts';
import { errorText, NOTHING_CHANGED, shortDiff } from './output.ts';
import { asOption, importOf } from './restore-as.ts';
import { SAMPLE_BACKUP } from './sample-backup.ts';
import type { Session } from './session.ts';
import { taskShape } from './shapes.ts';
import { shown } from './shown.ts';
import { waitForTask } from './wait.ts';

/** One command a task type: its object is the argument, the fields of its schema are the options. */
export function taskCommands(groups: Record<string, Command>, action: Action, tasks: Tasks): void {
  for (const definition of tasks.list) {
    const [kind = '', verb = ''] = definition.type.split('.');
    const word = definition.object === 'site' ? 'uri' : 'name';
    const command = groups[kind]
      ?.command(verb)
      .argument(definition.object === 'server' ? `[${word}]` : `<${word}>`, `the ${definition.object}`)
      .description(definition.summary)
      .addHelpText('after', `\nExample:\n  ${exampleOf(definition)}`)
      .action(action((session, words, values) => runTaskCommand(session, definition, words[0], values)));
    if (command) addFieldOptions(command, definition.args);
    if (definition.type === 'site.restore') command?.addOption(asOption);
  }
}

function exampleOf(definition: AnyTask): string {
  const [kind, verb] = definition.type.split('.');
  const said = fieldsOf(definition.args).filter((field) => field.required || field.inExample);
  const isCopy = said.some((field) => field.choices === 'sites');
  const names = { site: isCopy ? 'copy.example.org' : 'shop.example.org', platform: 'wp', server: '' };
  const options = said.map((field) => ` ${field.flag} ${valueInExample(field)}`);
  const yes = { none: '', confirm: ' --yes', typed: ` --confirm ${names[definition.object]}` }[definition.danger];
  return `aegir ${kind} ${verb} ${names[definition.object]}${options.join('')}${yes} --wait`.replaceAll(/ +/g, ' ');
}

/** What the example of a command says for one of its options; every one is said to run, and is run by a test. */
function valueInExample({ example, choices, options: [first] }: Field): string {
  const value = example ?? (choices === 'platforms' ? 'wp' : choices === 'backups' ? SAMPLE_BACKUP : first);
  if (value === undefined) throw new Error('an argument that must be said has no example');
  return value;
}

async function runTaskCommand(
  session: Session,
  definition: AnyTask,
  typed: string | undefined,
  values: Record<string, unknown>,
): Promise<number> {
  if (definition.type === 'site.restore' && values.as !== undefined) {
    const { as, ...others } = values;
    const copied = importOf(session, typed ?? '', others);
    return runTaskCommand(session, session.program.tasks.of('site.import'), String(as), copied);
  }
  const object = definition.object === 'server' ? session.serverName(typed) : (typed ?? '');
  const request = { type: definition.type, object, args: fieldValues(definition.args, values) };
  const name = objectName(definition, object);
  checkExists(session, definition, name);
  if (session.options.dryRun) return showPlan(session, request);
  // What cannot be done now is said before anything is asked.
  if (!definition.creates) throwRefusal(session, definition, name);
  Object.assign(request.args, await askedArguments(session, definition, name, request.args));
  await confirmDanger(session, definition, name);
  const id = queueTask(session.queue(), request);
  if (session.options.wait) return endWith(session, await waitForTask(session, id));
  if (definition.answers) return endWith(session, await waitForTask(session, id, { silent: true }));
  const task = findTask(session.root().inventory, id);
  session.out.document({ task: task && taskShape(task) });
  session.out.say(`task ${id} queued`);
  const none = await noWorker(session);
  if (none) session.out.say(none);
  return 0;
}

/** The outcome of a task as output and exit code. */
export function endWith(session: Session, task: TaskRow): number {
  const { out } = session;
  const failed = task.state === 'failed' || task.state === 'cancelled';
  const answers = failed ? undefined : session.program.tasks.find(task.type)?.answers;
  if (answers) {
    out.document(Object.fromEntries(answers.map((name) => [name, task.result[name]])));
    if (!out.json) process.stdout.write(`${String(task.result[answers[0]])}\n`);
    return 0;
  }
  out.document({ task: { ...taskShape(task), error: task.error, unfinished: task.unfinished } });
  if (failed && task.error) {
    process.stderr.write(out.json ? `${JSON.stringify({ error: task.error })}\n` : `${errorText(task.error)}\n`);
  }
  if (task.unfinished)
    process.stderr.write(shown(`aegir: UNFINISHED ${task.unfinished}. Run: aegir task recover ${task.id}\n`));
  if (!failed && typeof task.result.backup === 'string') out.say(`saved as ${task.result.backup}`);
  out.say(`task ${task.id} ${task.state}`);
  return failed ? 1 : 0;
}

function checkExists(session: Session, definition: AnyTask, name: string): void {
  if (definition.creates) return;
  const names = objectNames(session, definition.object);
  if (!names.includes(name)) throw missing(definition.object, name, names);
}

function throwRefusal(session: Session, definition: AnyTask, name: string): void {
  const refusal = refusalOf(session.root(), definition.type, definition.object, name);
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint);
}

/** What the console asks by itself is asked here too, of somebody at a terminal who has not said it. */
async function askedArguments(
  session: Session,
  definition: AnyTask,
  name: string,
  args: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (!process.stdin.isTTY || session.out.json || session.options.yes) return {};
  const field = askedOf(session.paths(), definition);
  if (!field?.asked || args[field.name] !== undefined) return {};
  const { question, choices } = field.asked;
  const values = Object.keys(choices);
  const text = `${definition.title} ${name}: ${question} [${values.join('/')}] `;
  for (let answer = await askLine(text); answer !== ''; answer = await askLine(text)) {
    const chosen = values.find((value) => value.startsWith(answer.toLowerCase()));
    if (chosen !== undefined) return { [field.name]: chosen };
  }
  throw declined(`${NOTHING_QUEUED}. ${field.flag} answers without a question`);
}

/** Asks before what cannot be brought back, as its type says. Throws `CONFIRMATION_NEEDED`, `DECLINED`, `USAGE`. */
export async function confirmDanger(session: Session, definition: AnyTask, name: string): Promise<void> {
  const { confirm, yes } = session.options;
  const marking = readMarking(session.paths());
  const danger = dangerOf(definition, marking);
  if (danger === 'none' || confirm === name) return;
  if (confirm !== undefined) {
    throw new AegirError(
      'USAGE',
      `--confirm says "${confirm}", the ${definition.object} is ${name}`,
      'Nothing was queued.',
      'confirm',
    );
  }
  if (danger === 'confirm' && yes) return;
  const label = marking.label === '' ? '' : `${marking.label}: `;
  const what = `${label}${definition.title} ${name}: you lose ${definition.loses ?? 'it'}.`;
  if (!process.stdin.isTTY || session.out.json) {
    const flag = danger === 'typed' ? `--confirm ${name}` : '--yes';
    throw new AegirError('CONFIRMATION_NEEDED', what.replace(/\.$/, ''), `If that is meant, add: ${flag}`);
  }
  const question = danger === 'typed' ? `${what}\nType the name to go on: ` : `${what} Go on? [y/N] `;
  const answer = await askLine(question);
  if (danger === 'typed' ? answer !== name : !saysYes(answer))
    throw declined(
      danger === 'typed' && answer !== '' ? `Nothing was queued: ${answer} is not its name` : NOTHING_QUEUED,
    );
}

/** The plan of a task: what it would do, or what stands in its way. */
export async function showPlan(session: Session, request: Parameters<typeof planTask>[2]): Promise<number> {
  const { out } = session;
  const plan = await planTask(session.queue(), localDeps(session.root()), request);
  const problems = plan.problem ? [plan.problem] : [];
  out.document({ first: plan.first, acts: plan.acts, notNeeded: plan.notNeeded, problems });
  for (const line of plan.first) out.say(line);
  let step = '';
  for (const act of plan.acts) {
    if (act.step !== step) out.say(`${act.step}:`);
    step = act.step;
    out.say(`  ${act.text}`);
    for (const line of shortDiff(act.diff)) out.say(`    ${line}`);
  }
  for (const { step: unneeded, why } of plan.notNeeded) out.say(`${unneeded}: not needed, ${why}`);
  for (const problem of problems) process.stderr.write(out.json ? '' : `${errorText(problem)}\n`);
  if (problems.length === 0) out.say(NOTHING_CHANGED);
  return problems.length > 0 ? 3 : 0;
}
