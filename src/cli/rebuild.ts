import { findPlatform } from '../db/platforms.ts';
import type { TaskRow } from '../db/tasks.ts';
import { describeError } from '../provision/model/errors.ts';
import { addClient } from '../worker/clients.ts';
import { queueTask } from '../worker/queue.ts';
import { refuseReadOnly } from '../worker/queue-access.ts';
import { addUnknownBackups, planRebuild, type RebuildPlan } from '../worker/rebuild.ts';
import { askConfirmation } from './confirmation.ts';
import type { Session } from './session.ts';
import { waitForTask } from './wait.ts';

/** The outcome for one object of the plan. */
interface Outcome {
  what: string;
  state: string;
  why: string;
}

/** `backup rebuild`: recreates missing platforms and sites from backups. Waits for all tasks; can be run repeatedly. */
export async function rebuild(session: Session, { sites }: Record<string, unknown>): Promise<number> {
  const { options, out } = session;
  const named = String(sites ?? '')
    .split(/[\s,]+/)
    .filter((uri) => uri !== '');
  const plan = await planRebuild(session.queue(), named);
  if (options.dryRun) {
    show(session, plan);
    return 0;
  }
  refuseReadOnly(session.queue());
  if (plan.sites.length === 0) {
    out.document({ ...planShape(plan), outcomes: [] });
    out.say('Every site with a backup exists.');
    printOmissions(session, plan);
    return 0;
  }
  if (!options.yes) {
    show(session, plan);
    const sites = plan.sites.length === 1 ? '1 site' : `${plan.sites.length} sites`;
    await askConfirmation(session, {
      question: `Recreate ${sites}?`,
      consequence: `${sites} would be recreated`,
      declined: 'Nothing was recreated',
    });
  }
  addUnknownBackups(session.queue(), plan);
  for (const name of plan.clients) addClient(session.queue(), name, {});
  const outcomes: Outcome[] = [];
  for (const { name, source, again } of plan.platforms) {
    outcomes.push(await run(session, 'platform.add', name, { from: source, again }));
  }
  for (const { uri, backup, platform, client, again } of plan.sites) {
    outcomes.push(
      findPlatform(session.root().inventory, platform)
        ? await run(session, 'site.import', uri, { backup, platform, client, again })
        : {
            what: uri,
            state: 'left out',
            why: `there is no platform ${platform}: add it, then run this command again`,
          },
    );
  }
  out.document({ ...planShape(plan), outcomes });
  out.table(
    ['WHAT', 'STATE', 'WHY'],
    outcomes.map(({ what, state, why }) => [what, state, why]),
  );
  printOmissions(session, plan);
  return outcomes.every(({ state }) => state === 'succeeded' || state === 'warning') ? 0 : 1;
}

async function run(session: Session, type: string, object: string, args: Record<string, unknown>): Promise<Outcome> {
  try {
    session.out.say(`${type} ${object}`);
    const task: TaskRow = await waitForTask(session, queueTask(session.queue(), { type, object, args }), {
      silent: true,
    });
    return { what: object, state: task.state, why: task.error?.message ?? '' };
  } catch (error) {
    const { message, hint } = describeError(error);
    return { what: object, state: 'refused', why: `${message}. ${hint}` };
  }
}

function show(session: Session, plan: RebuildPlan): void {
  const { out } = session;
  out.document(planShape(plan));
  out.table(
    ['WOULD BE CREATED', 'FROM'],
    [
      ...plan.clients.map((name) => [`client ${name}`, '']),
      ...plan.platforms.map(({ name, source }) => [`platform ${name}`, source]),
      ...plan.sites.map(({ uri, backup }) => [`site ${uri}`, backup]),
    ],
  );
  printOmissions(session, plan);
}

const planShape = ({ unknown, ...plan }: RebuildPlan) => ({ ...plan, unknown: unknown.map(({ name }) => name) });

function printOmissions({ out }: Session, { lost, deleted, young, unreadable }: RebuildPlan): void {
  if (lost.length > 0) out.say(`Lost, with neither a home folder nor a backup: ${lost.join(', ')}`);
  if (deleted.length > 0)
    out.say(`Not recreated, since they were deleted: ${deleted.join(', ')}. To recreate one: --sites URI`);
  if (young)
    out.say(
      'This inventory is newer than some backups: it may recreate a site that was deleted without a last backup.',
    );
  for (const { name, why } of unreadable) out.say(`not a backup: ${name}: ${why}`);
}
