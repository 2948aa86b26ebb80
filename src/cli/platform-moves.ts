import type { Command } from 'commander';
import { findTask, type TaskRow } from '../db/tasks.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { PlatformComparison, SiteComparison } from '../worker/compare.ts';
import { readMarking } from '../worker/marking.ts';
import { moveOptions, moveSettingsOf } from '../worker/move-options.ts';
import { compareByName, type Move, type MoveRequest, queueMoves } from '../worker/platform-migrate.ts';
import { refuseReadOnly } from '../worker/queue-access.ts';
import type { Action } from './action.ts';
import { askLine } from './ask-line.ts';
import { declined, isYes, NOTHING_QUEUED } from './confirmation.ts';
import { errorText } from './output.ts';
import type { Session } from './session.ts';
import { taskShape } from './shapes.ts';
import { waitForTask } from './wait.ts';

/** `platform compare|migrate`. */
export function platformMoveCommands(group: Command, action: Action): void {
  group
    .command('compare')
    .argument('<from>', 'the current platform of the sites')
    .argument('<to>', 'the new platform')
    .description('Compare two platforms package by package, and show the effect of a move on each site.')
    .option('--all', 'also list packages that are the same on both')
    .addHelpText('after', '\nExample:\n  aegir platform compare wp wp-2027')
    .action(action((session, [from = '', to = ''], { all }) => compare(session, from, to, all === true)));
  const migration = group
    .command('migrate')
    .argument('<from>', 'the current platform of the sites')
    .argument('<to>', 'the new platform')
    .description(
      'Move the sites of a platform to another platform of the same CMS. Each move is tested on a copy of the site first.',
    )
    .option('--sites <uris>', 'only these sites, separated by commas')
    .addHelpText(
      'after',
      '\nExample:\n  aegir platform migrate wp wp-2027 --dry-run\n  aegir platform migrate wp wp-2027 --yes --wait',
    )
    .action(action(migrate));
  for (const { flag, least, help } of moveOptions)
    migration.option(least === undefined ? flag : `${flag} <number>`, help);
}

function compare(session: Session, from: string, to: string, all: boolean, uris: string[] = []): number {
  const comparison = compareByName(session.root(), from, to, uris);
  session.out.document(comparison);
  show(session, comparison, all);
  return 0;
}

/** Prints a comparison for people: the packages that change, then each site with the reasons against its move. */
function show({ out }: Session, { packages, sites }: PlatformComparison, all: boolean): void {
  const shown = packages.filter(({ verdict }) => all || verdict !== 'same');
  const same = packages.length - shown.length;
  out.table(
    ['PACKAGE', 'KIND', 'FROM', 'TO', 'VERDICT'],
    shown.map(({ name, kind, from, to, verdict }) => [name, kind, from, to, verdict]),
  );
  if (same > 0) out.say(`${same} packages are the same on both.`);
  if (sites.length === 0) out.say('There is no site to move.');
  else out.table(['SITE', 'VERDICT', 'WHY'], sites.flatMap(rowsOf));
}

function rowsOf({ uri, verdict, blocked, changes, notes }: SiteComparison): string[][] {
  const why = [
    ...blocked.map(({ message, hint }) => `${message}. ${hint}`),
    ...changes
      .filter((one) => one.verdict === 'downgrade')
      .map(({ name, from, to }) => `${name} goes from ${from} to ${to}`),
    ...notes,
  ];
  return [[uri, verdict, why[0] ?? ''], ...why.slice(1).map((more) => ['', '', more])];
}

async function migrate(
  session: Session,
  [from = '', to = '']: string[],
  values: Record<string, unknown>,
): Promise<number> {
  const request = requestOf(from, to, values);
  if (session.options.dryRun) return compare(session, from, to, false, request.sites);
  refuseReadOnly(session.queue());
  await confirm(session, request);
  const move = queueMoves(session.queue(), request);
  for (const { error } of move.left) process.stderr.write(session.out.json ? '' : `${errorText(error)}\n`);
  if (session.options.wait) return waitForAll(session, move);
  session.out.document(move);
  session.out.say(`${move.tasks.length} tasks queued as batch ${move.batch}: aegir task list --batch ${move.batch}`);
  return move.tasks.length === 0 && move.left.length > 0 ? 3 : 0;
}

/** Prints the comparison and asks for confirmation if a site can move. Throws `CONFIRMATION_NEEDED`, `DECLINED`. */
async function confirm(session: Session, { from, to, sites, anyway }: MoveRequest): Promise<void> {
  const { options, out } = session;
  const comparison = compareByName(session.root(), from, to, sites);
  const count = comparison.sites.filter(({ blocked }) => blocked.every((why) => anyway && why.canBeMeant)).length;
  const { label, production } = readMarking(session.paths());
  if (count === 0 || (production ? options.confirm === from : options.yes)) return;
  if (!out.json) show(session, comparison, false);
  const what = `${label === '' ? '' : `${label}: `}${count} of ${comparison.sites.length} sites would move from ${from} to ${to}; you lose ${session.program.tasks.of('site.migrate').loses}`;
  if (!process.stdin.isTTY || out.json) {
    const flag = production ? `--confirm ${from}` : '--yes';
    throw new AegirError('CONFIRMATION_NEEDED', what, `To confirm, add: ${flag}`);
  }
  const answer = await askLine(production ? `${what}.\nType ${from} to continue: ` : `${what}. Continue? [y/N] `);
  if (production ? answer !== from : !isYes(answer)) throw declined(NOTHING_QUEUED);
}

const requestOf = (from: string, to: string, values: Record<string, unknown>): MoveRequest => ({
  ...moveSettingsOf(values),
  from,
  to,
  sites: String(values.sites ?? '')
    .split(/[\s,]+/)
    .filter((uri) => uri !== ''),
});

/** Waits for each move in turn, and prints a summary. */
async function waitForAll(session: Session, move: Move): Promise<number> {
  const ended: TaskRow[] = [];
  for (const { id } of move.tasks) ended.push(await waitForTask(session, id, { silent: true }));
  const rows = ended.map((task) => findTask(session.root().inventory, task.id) ?? task);
  const { out } = session;
  out.document({ ...move, tasks: rows.map((task) => ({ ...taskShape(task), error: task.error })) });
  out.table(
    ['TASK', 'SITE', 'STATE', 'DOWNTIME', 'WHY'],
    rows.map((task) => [
      String(task.id),
      task.objectName,
      task.state,
      task.result.withoutServiceMs === undefined ? '' : `${(Number(task.result.withoutServiceMs) / 1000).toFixed(1)} s`,
      task.error?.message ?? '',
    ]),
  );
  const moved = rows.filter(({ state }) => state === 'succeeded' || state === 'warning').length;
  const left = move.left.length > 0 ? `, ${move.left.length} left out` : '';
  out.say(`${moved} of ${rows.length} sites moved${left}.`);
  return moved === rows.length && move.left.length === 0 ? 0 : 1;
}
