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
import { askLine } from './ask-line.ts';
import { declined, isYes, NOTHING_QUEUED } from './confirmation.ts';
import { addFieldOptions, fieldValues } from './field-options.ts';
import { objectNames } from './names.ts';
import { noWorker } from './no-worker.ts';
import { noSuchObject } from './objects.ts';
import { errorText, NOTHING_CHANGED, shortDiff } from './output.ts';
import { asOption, importOf } from './restore-as.ts';
import { SAMPLE_BACKUP } from './sample-backup.ts';
import type { Session } from './session.ts';
import { taskShape } from './shapes.ts';
import { forTerminal } from './terminal-text.ts';
import { waitForTask } from './wait.ts';

/** Adds one command per task type: its object is the argument, the fields of its schema are the options. */
export function taskCommands(groups: Record<string, Command>, action: Action, tasks: Tasks): void {
  for (const definition of tasks.list) {
    const [kind = '', verb = ''] = definition.type.split('.');
    const name = definition.object === 'site' ? 'uri' : 'name';
    const command = groups[kind]
      ?.command(verb)
      .argument(definition.object === 'server' ? `[${name}]` : `<${name}>`, `the ${definition.object}`)
      .description(definition.summary)
      .addHelpText('after', `\nExample:\n  ${exampleOf(definition)}`)
      .action(action((session, args, values) => runTaskCommand(session, definition, args[0], values)));
    if (command) addFieldOptions(command, definition.args);
    if (definition.type === 'site.restore') command?.addOption(asOption);
  }
}

function exampleOf(definition: AnyTask): string {
  const [kind, verb] = definition.type.split('.');
  const shown = fieldsOf(definition.args).filter((field) => field.required || field.inExample);
  const isCopy = shown.some((field) => field.choices === 'sites');
  const names = { site: isCopy ? 'copy.example.org' : 'shop.example.org', platform: 'wp', server: '' };
  const options = shown.map((field) => ` ${field.flag} ${valueInExample(field)}`);
  const yes = { none: '', confirm: ' --yes', typed: ` --confirm ${names[definition.object]}` }[definition.danger];
  return `aegir ${kind} ${verb} ${names[definition.object]}${options.join('')}${yes} --wait`.replaceAll(/ +/g, ' ');
}

/** The value of an option in the example of a command. A test runs every example. */
function valueInExample({ example, choices, options: [first] }: Field): string {
  const value = example ?? (choices === 'platforms' ? 'wp' : choices === 'backups' ? SAMPLE_BACKUP : first);
  if (value === undefined) throw new Error('a required argument has no example');
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
  // A refusal comes before any question.
  if (!definition.creates) throwRefusal(session, definition, name);
  Object.assign(request.args, await askedArguments(session, definition, name, request.args));
  await confirmDanger(session, definition, name);
  const id = queueTask(session.queue(), request);
  if (session.options.wait) return endWith(session, await waitForTask(session, id));
  // The command is of no use without its answer, and prints nothing else.
  if (definition.answers) return endWith(session, await waitForTask(session, id, { silent: true }));
  const task = findTask(session.root().inventory, id);
  session.out.document({ task: task && taskShape(task) });
  session.out.say(`task ${id} queued`);
  const none = await noWorker(session);
  if (none) session.out.say(none);
  return 0;
}

/** Prints the outcome of a task, and returns the exit status. */
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
    process.stderr.write(forTerminal(`aegir: UNFINISHED ${task.unfinished}. Run: aegir task recover ${task.id}\n`));
  if (!failed && typeof task.result.backup === 'string') out.say(`saved as ${task.result.backup}`);
  out.say(`task ${task.id} ${task.state}`);
  return failed ? 1 : 0;
}

function checkExists(session: Session, definition: AnyTask, name: string): void {
  if (definition.creates) return;
  const names = objectNames(session, definition.object);
  if (!names.includes(name)) throw noSuchObject(definition.object, name, names);
}

function throwRefusal(session: Session, definition: AnyTask, name: string): void {
  const refusal = refusalOf(session.root(), definition.type, definition.object, name);
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint);
}

/** Asks at a terminal for an argument that was not given and that the console asks for too. */
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
  throw declined(`${NOTHING_QUEUED}. Give ${field.flag} to avoid the question`);
}

/** Asks for confirmation, if the task type needs it. Throws `CONFIRMATION_NEEDED`, `DECLINED`, `USAGE`. */
export async function confirmDanger(session: Session, definition: AnyTask, name: string): Promise<void> {
  const { confirm, yes } = session.options;
  const marking = readMarking(session.paths());
  const danger = dangerOf(definition, marking);
  if (danger === 'none' || confirm === name) return;
  if (confirm !== undefined) {
    throw new AegirError(
      'USAGE',
      `--confirm is "${confirm}", but the ${definition.object} is ${name}`,
      'Nothing was queued.',
      'confirm',
    );
  }
  if (danger === 'confirm' && yes) return;
  const label = marking.label === '' ? '' : `${marking.label}: `;
  const what = `${label}${definition.title} ${name}: you lose ${definition.loses ?? 'it'}.`;
  if (!process.stdin.isTTY || session.out.json) {
    const flag = danger === 'typed' ? `--confirm ${name}` : '--yes';
    throw new AegirError('CONFIRMATION_NEEDED', what.replace(/\.$/, ''), `To confirm, add: ${flag}`);
  }
  const question = danger === 'typed' ? `${what}\nType the name to continue: ` : `${what} Continue? [y/N] `;
  const answer = await askLine(question);
  if (danger === 'typed' ? answer !== name : !isYes(answer))
    throw declined(
      danger === 'typed' && answer !== '' ? `${NOTHING_QUEUED}: ${answer} is not its name` : NOTHING_QUEUED,
    );
}

/** Prints the plan of a task: what it would do, or why it cannot run. Returns the exit status. */
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
