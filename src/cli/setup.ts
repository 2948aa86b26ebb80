import { AegirError } from '../provision/model/errors.ts';
import type { Finding } from '../setup/check.ts';
import { doctor, planSetup, runSetup } from '../setup/setup.ts';
import type { Telling } from '../setup/setup-log.ts';
import { serverTarget } from '../setup/target.ts';
import { checkTrial, isTrial } from '../setup/trial.ts';
import { openRoot, type Root, rootExists } from '../worker/open-root.ts';
import { agree } from './agree.ts';
import { NOTHING_CHANGED } from './output.ts';
import type { Session } from './session.ts';
import { findingShape } from './shapes.ts';
import { arrow, glyph } from './shown.ts';
import { openStatusLine } from './status-line.ts';

const signs = { ok: 'done', wrong: 'failed', warning: 'warning' } as const;

/**
 * `aegir setup`: shows the plan, asks, and makes this machine a server. Run twice it changes nothing. `replace` names
 * the root whose place this one takes.
 */
export async function setUp(session: Session, replace?: string): Promise<number> {
  const { out, options } = session;
  const trial = trialAt(session);
  if (trial) {
    trial.inventory.close();
    const hint = 'A server has a root of its own: sudo aegir setup';
    throw new AegirError('ROOT_IS_TRIAL', `${trial.paths.root} began as a trial and stays one`, hint, 'root');
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
    printPlan(session, plan);
  }
  if (options.dryRun) {
    out.document({ findings: plan.findings.map(findingShape), acts: plan.acts });
    out.say(todo.length === 0 ? 'Nothing to do.' : NOTHING_CHANGED);
    return 0;
  }
  if (todo.length > 0)
    await agree(session, { asks: 'Go on?', would: 'setup changes this machine', no: 'Nothing was changed' });
  const findings = await runSetup(target, tellOn(out.json || out.quiet ? () => {} : out.say));
  out.document({ findings: findings.map(findingShape) });
  const left = findings.filter((finding) => finding.state !== 'ok');
  for (const finding of left) printFinding(session, finding);
  if (left.some((finding) => finding.state === 'wrong')) {
    throw new AegirError(
      'SETUP_FAILED',
      'not everything could be set up',
      'See what is said above; run aegir setup again after mending it.',
    );
  }
  out.say(closingWords(plan.findings));
  return 0;
}

/** Lines that stay go to `say`; what a command says just now takes turns on the last line, where that can be written over. */
export function tellOn(say: (text: string) => void): Telling {
  const status = openStatusLine();
  return {
    say(text) {
      status.clear();
      say(text);
    },
    progress: (text) => (text === '' ? status.clear() : status.show(`    ${text}`)),
  };
}

/** What setup has come to, for a new machine with what to do next. */
function closingWords(before: Finding[]): string {
  const wrong = before.filter((finding) => finding.state === 'wrong').map((finding) => finding.id);
  if (wrong.length === 0) return 'This machine is set up already; nothing was changed.';
  if (!wrong.includes('inventory')) return 'Mended: all is as it should be.';
  return 'This machine is a server now. Next: aegir platform add wp --from debian:wordpress --wait';
}

/** `aegir doctor`: the same facts as setup, checked; says how to mend each. Changes nothing. */
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

/** The open root where it is a trial; undefined for a server's, and for one that is not there or not ours to read. */
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

/** Each finding with the acts that mend it: every file with its path and how many lines, with --dry-run all of them. */
function printPlan(session: Session, { findings, acts }: Awaited<ReturnType<typeof planSetup>>): void {
  const { out, options } = session;
  for (const finding of findings.filter(({ state }) => state !== 'ok')) {
    printFinding(session, finding);
    for (const { text, diff } of acts.filter(({ check }) => check === finding.id)) {
      out.say(`    ${text}${linesIn(diff)}`);
      if (options.dryRun) for (const line of diff) out.say(`      ${line}`);
    }
  }
  const writes = acts.some(({ diff }) => diff.length > 0);
  if (writes && !options.dryRun) out.say('What is in the files: aegir setup --dry-run');
}

/** `, 12 lines` of a file that is new; `, 2 lines more and 1 less` of one that changes. */
function linesIn(diff: string[]): string {
  if (diff.length === 0) return '';
  const gone = diff.filter((line) => line.startsWith('-')).length;
  const come = diff.length - gone;
  return gone === 0 ? `, ${come} ${come === 1 ? 'line' : 'lines'}` : `, ${come} lines in the place of ${gone}`;
}

function printFinding({ out }: Session, { state, title, message, hint }: Finding): void {
  const found = message === '' ? '' : `: ${message}`;
  const then = state === 'ok' || hint === '' ? '' : ` ${arrow()} ${hint.replaceAll(/\s+/g, ' ')}`;
  out.say(`${glyph(signs[state])} ${title}${found}${then}`);
}
