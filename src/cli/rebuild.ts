import { findPlatform } from '../db/platforms.ts';
import type { TaskRow } from '../db/tasks.ts';
import { describeError } from '../provision/model/errors.ts';
import { addClient } from '../worker/clients.ts';
import { queueTask } from '../worker/queue.ts';
import { refuseReadOnly } from '../worker/queue-access.ts';
import { addUnknownBackups, planRebuild, type RebuildPlan } from '../worker/rebuild.ts';
import { agree } from './agree.ts';
import type { Session } from './session.ts';
import { waitForTask } from './wait.ts';

/** What became of one thing of the plan. */
interface Outcome {
  what: string;
  state: string;
  why: string;
}

/** `backup rebuild`: makes platforms and sites again that only backups know. Waits for all of it; can be run again. */
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
    out.document({ ...told(plan), outcomes: [] });
    out.say('Every site that there is a backup of is there.');
    sayLeft(session, plan);
    return 0;
  }
  if (!options.yes) {
    show(session, plan);
    const sites = plan.sites.length === 1 ? '1 site' : `${plan.sites.length} sites`;
    await agree(session, { asks: `Make ${sites}?`, would: `${sites} would be made`, no: 'Nothing was made' });
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
        : { what: uri, state: 'left out', why: `there is no platform ${platform}: add it, then run this again` },
    );
  }
  out.document({ ...told(plan), outcomes });
  out.table(
    ['WHAT', 'STATE', 'WHY'],
    outcomes.map(({ what, state, why }) => [what, state, why]),
  );
  sayLeft(session, plan);
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
  out.document(told(plan));
  out.table(
    ['WOULD BE MADE', 'OF'],
    [
      ...plan.clients.map((name) => [`client ${name}`, '']),
      ...plan.platforms.map(({ name, source }) => [`platform ${name}`, source]),
      ...plan.sites.map(({ uri, backup }) => [`site ${uri}`, backup]),
    ],
  );
  sayLeft(session, plan);
}

const told = ({ unknown, ...plan }: RebuildPlan) => ({ ...plan, unknown: unknown.map(({ name }) => name) });

function sayLeft({ out }: Session, { lost, deleted, young, unreadable }: RebuildPlan): void {
  if (lost.length > 0) out.say(`Their home is gone, and there is no backup of: ${lost.join(', ')}`);
  if (deleted.length > 0) out.say(`Deleted, and left so: ${deleted.join(', ')}. To make one again: --sites URI`);
  if (young)
    out.say(
      'This inventory is younger than these backups: of a site that was deleted without a last one it knows nothing.',
    );
  for (const { name, why } of unreadable) out.say(`no backup: ${name}: ${why}`);
}
