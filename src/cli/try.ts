import { AegirError } from '../provision/model/errors.ts';
import { beganAsTrial, removeTrial, stopTrial } from '../setup/trial.ts';
import { openRoot, rootExists } from '../worker/open-root.ts';
import { agree } from './agree.ts';
import { askLine } from './ask-line.ts';
import type { TryValues } from './begin-trial.ts';
import { rootOf, showTrial } from './begin-trial.ts';
import { called } from './called.ts';
import { type GlobalOptions, makeSession, type Session } from './session.ts';
import { startWorkerApart, stopWorkerApart } from './worker-apart.ts';

/** Where root's trial lies: its own root is a server's. */
const ROOTS_TRIAL = '/var/aegir-try';

/**
 * `aegir try`: a real site on this machine without root, with services of its own; run again it starts what is
 * there. Prints its address and a login link, then opens the console.
 */
export async function tryIt(outer: Session, values: TryValues, version: string): Promise<number> {
  const session = trialSession(outer);
  try {
    if (values.stop || values.remove) return await endTrial(session, values.remove === true);
    await showTrial(session, values);
    if (!values.detach && process.stdin.isTTY && process.stdout.isTTY && !session.out.json) {
      await pressedEnter();
      const { openConsole } = await import('./console.ts');
      const { readOnly, color } = session.options;
      const paths = session.paths();
      const words = ['--root', paths.root, ...(readOnly ? ['--read-only'] : []), ...(color ? [] : ['--no-color'])];
      return await openConsole(paths, { readOnly, color, version, words, loadProgram: async () => session.program });
    }
    if (values.detach) startWorkerApart(session);
    return 0;
  } finally {
    session.close();
  }
}

/** The same session, on root's own place for a trial where none was named. */
function trialSession(outer: Session): Session {
  const named = outer.options.root ?? process.env.AEGIR_ROOT;
  if (named !== undefined || process.getuid?.() !== 0) return outer;
  const options: GlobalOptions = { ...outer.options, root: ROOTS_TRIAL };
  return makeSession(options, outer.out, outer.program);
}

async function endTrial(session: Session, remove: boolean): Promise<number> {
  const paths = session.paths();
  if (!rootExists(paths)) throw new AegirError('NO_TRIAL', `${paths.root} holds no trial`, 'Begin one: aegir try');
  const root = openRoot(paths, session.program);
  if (!beganAsTrial(root)) {
    root.inventory.close();
    throw new AegirError('ROOT_IS_SERVER', `${paths.root} is no trial`, 'Name the root of the trial: --root DIR');
  }
  if (remove) {
    await agree(session, {
      asks: `Remove ${paths.root} with all of its sites?`,
      would: `${paths.root} would be lost with its sites`,
      no: 'Nothing was removed',
    });
  }
  await stopWorkerApart(session);
  await stopTrial(root);
  if (remove) removeTrial(root);
  else root.inventory.close();
  session.out.document({ root: paths.root, state: remove ? 'removed' : 'stopped' });
  session.out.say(remove ? `${paths.root} is removed` : `stopped; "${called()} try${rootOf(session)}" starts it again`);
  return 0;
}

const pressedEnter = (): Promise<string> => askLine('Press enter for the console. ');
