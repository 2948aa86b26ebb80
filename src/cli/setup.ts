import { AegirError } from '../provision/model/errors.ts';
import type { Finding } from '../setup/check.ts';
import { doctor, planSetup, runSetup } from '../setup/setup.ts';
import type { Telling } from '../setup/setup-log.ts';
import { serverTarget } from '../setup/target.ts';
import { checkTrial, isTrial } from '../setup/trial.ts';
import { openRoot, type Root, rootExists } from '../worker/open-root.ts';
import { askConfirmation } from './confirmation.ts';
import { NOTHING_CHANGED } from './output.ts';
import type { Session } from './session.ts';
import { findingShape } from './shapes.ts';
import { openStatusLine } from './status-line.ts';
import { arrow, glyph } from './terminal-text.ts';

const signs = { ok: 'done', wrong: 'failed', warning: 'warning' } as const;

/**
 * `aegir setup`: shows the plan, asks for confirmation, and makes this machine a server. A second run changes nothing.
 * `replace` is the root that this one replaces.
 */
export async function setUp(session: Session, replace?: string): Promise<number> {
  const { out, options } = session;
  const trial = trialAt(session);
  if (trial) {
    trial.inventory.close();
    const hint = 'A server needs its own root folder: sudo aegir setup';
    throw new AegirError(
      'ROOT_IS_TRIAL',
      `${trial.paths.root} is the root of a trial, which cannot become a server`,
      hint,
      'root',
    );
  }
  const target = { ...serverTarget(session.paths(), session.program.services), replaces: replace };
  const plan = await planSetup(target);
  const blocked = plan.findings.filter((finding) => finding.state === 'wrong' && !finding.fixable);
  if (blocked.some((finding) => finding.stops)) {
    for (const finding of blocked) printFinding(session, finding);
    const [first] = blocked;
    throw new AegirError(
      first?.code ?? 'SETUP_IMPOSSIBLE',
      first?.message ?? 'this machine cannot be set up',
      first?.hint ?? '',
    );
  }
  const todo = plan.findings.filter((finding) => finding.state === 'wrong' && finding.fixable);
  if (options.dryRun || (!options.yes && todo.length > 0)) {
    printSetupPlan(session, plan);
  }
  if (options.dryRun) {
    out.document({ findings: plan.findings.map(findingShape), acts: plan.acts });
    out.say(todo.length === 0 ? 'Nothing to do.' : NOTHING_CHANGED);
    return 0;
  }
  if (todo.length > 0)
    await askConfirmation(session, {
      question: 'Continue?',
      consequence: 'setup would change this machine',
      declined: 'Nothing was changed',
    });
  const findings = await runSetup(target, progressReporter(out.json || out.quiet ? () => {} : out.say));
  out.document({ findings: findings.map(findingShape) });
  const left = findings.filter((finding) => finding.state !== 'ok');
  for (const finding of left) printFinding(session, finding);
  if (left.some((finding) => finding.state === 'wrong')) {
    throw new AegirError(
      'SETUP_FAILED',
      'not everything could be set up',
      'Fix the problems listed above, then run aegir setup again.',
    );
  }
  out.say(closingLine(plan.findings));
  return 0;
}

/** Reports the progress of setup: permanent lines go to `say`, a command's last line of output to the status line. */
export function progressReporter(say: (text: string) => void): Telling {
  const status = openStatusLine();
  return {
    say(text) {
      status.clear();
      say(text);
    },
    progress: (text) => (text === '' ? status.clear() : status.show(`    ${text}`)),
  };
}

/** The last line of a successful setup; on a new machine with the next command. */
function closingLine(before: Finding[]): string {
  const wrong = before.filter((finding) => finding.state === 'wrong').map((finding) => finding.id);
  if (wrong.length === 0) return 'This machine is set up already; nothing was changed.';
  if (!wrong.includes('inventory')) return 'All problems are fixed.';
  return 'This machine is a server now. Next: aegir platform add wp --from debian:wordpress --wait';
}

/** `aegir doctor`: runs the checks of setup, and prints how to fix each problem. Changes nothing. */
export async function runDoctor(session: Session): Promise<number> {
  const trial = trialAt(session);
  const findings = trial
    ? await checkTrial(trial)
    : await doctor(serverTarget(session.paths(), session.program.services));
  trial?.inventory.close();
  session.out.document(findings.map(findingShape));
  for (const finding of findings) printFinding(session, finding);
  return findings.some((finding) => finding.state === 'wrong') ? 1 : 0;
}

/** The opened root of a trial; undefined for a server's root, and for one that is missing or unreadable. */
function trialAt(session: Session): Root | undefined {
  const paths = session.paths();
  if (!rootExists(paths)) return undefined;
  let root: Root;
  try {
    root = openRoot(paths, session.program);
  } catch {
    return undefined;
  }
  if (isTrial(root)) return root;
  root.inventory.close();
  return undefined;
}

/** Prints each finding with the acts that fix it: each file with its number of lines; with --dry-run, all lines. */
function printSetupPlan(session: Session, { findings, acts }: Awaited<ReturnType<typeof planSetup>>): void {
  const { out, options } = session;
  for (const finding of findings.filter(({ state }) => state !== 'ok')) {
    printFinding(session, finding);
    for (const { text, diff } of acts.filter(({ check }) => check === finding.id)) {
      out.say(`    ${text}${linesIn(diff)}`);
      if (options.dryRun) for (const line of diff) out.say(`      ${line}`);
    }
  }
  const writes = acts.some(({ diff }) => diff.length > 0);
  if (writes && !options.dryRun) out.say('To see the contents of the files: aegir setup --dry-run');
}

/** `, 12 lines` for a new file; `, 2 lines replace 1` for a changed file. */
function linesIn(diff: string[]): string {
  if (diff.length === 0) return '';
  const removed = diff.filter((line) => line.startsWith('-')).length;
  const added = diff.length - removed;
  return removed === 0 ? `, ${added} ${added === 1 ? 'line' : 'lines'}` : `, ${added} lines replace ${removed}`;
}

function printFinding({ out }: Session, { state, title, message, hint }: Finding): void {
  const found = message === '' ? '' : `: ${message}`;
  const then = state === 'ok' || hint === '' ? '' : ` ${arrow()} ${hint.replaceAll(/\s+/g, ' ')}`;
  out.say(`${glyph(signs[state])} ${title}${found}${then}`);
}
