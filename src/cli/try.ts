import { AegirError } from '../provision/model/errors.ts';
import { beganAsTrial, removeTrial, stopTrial } from '../setup/trial.ts';
import { openRoot, rootExists } from '../worker/open-root.ts';
import { askLine } from './ask-line.ts';
import { startBackgroundWorker, stopBackgroundWorker } from './background-worker.ts';
import type { TryValues } from './begin-trial.ts';
import { rootOf, showTrial } from './begin-trial.ts';
import { commandName } from './command-name.ts';
import { askConfirmation } from './confirmation.ts';
import { type GlobalOptions, makeSession, type Session } from './session.ts';

/** The root folder of a trial that root runs, since the default root folder of root is a server's. */
const TRIAL_OF_ROOT = '/var/aegir-try';

/**
 * `aegir try`: a site on this machine without root, with its own services; a second run starts the existing trial.
 * Prints the address and a login link, then opens the console.
 */
export async function tryIt(outer: Session, values: TryValues, version: string): Promise<number> {
  const session = trialSession(outer);
  try {
    if (values.stop || values.remove) return await endTrial(session, values.remove === true);
    await showTrial(session, values);
    if (!values.detach && process.stdin.isTTY && process.stdout.isTTY && !session.out.json) {
      await waitForEnter();
      const { openConsole } = await import('./console.ts');
      const { readOnly, color } = session.options;
      const paths = session.paths();
      const args = ['--root', paths.root, ...(readOnly ? ['--read-only'] : []), ...(color ? [] : ['--no-color'])];
      return await openConsole(paths, { readOnly, color, version, args, loadProgram: async () => session.program });
    }
    if (values.detach) startBackgroundWorker(session);
    return 0;
  } finally {
    session.close();
  }
}

/** The session of the trial: for root without a given root folder, one in the default place of trials. */
function trialSession(outer: Session): Session {
  const named = outer.options.root ?? process.env.AEGIR_ROOT;
  if (named !== undefined || process.getuid?.() !== 0) return outer;
  const options: GlobalOptions = { ...outer.options, root: TRIAL_OF_ROOT };
  return makeSession(options, outer.out, outer.program);
}

async function endTrial(session: Session, remove: boolean): Promise<number> {
  const paths = session.paths();
  if (!rootExists(paths))
    throw new AegirError('NO_TRIAL', `there is no trial in ${paths.root}`, 'Start one: aegir try');
  const root = openRoot(paths, session.program);
  if (!beganAsTrial(root)) {
    root.inventory.close();
    throw new AegirError(
      'ROOT_IS_SERVER',
      `${paths.root} is not a trial`,
      'Give the root folder of the trial: --root DIR',
    );
  }
  if (remove) {
    await askConfirmation(session, {
      question: `Delete ${paths.root} with all its sites?`,
      consequence: `${paths.root} would be deleted with all its sites`,
      declined: 'Nothing was deleted',
    });
  }
  await stopBackgroundWorker(session);
  await stopTrial(root);
  if (remove) removeTrial(root);
  else root.inventory.close();
  session.out.document({ root: paths.root, state: remove ? 'removed' : 'stopped' });
  session.out.say(
    remove ? `${paths.root} was deleted` : `stopped; "${commandName()} try${rootOf(session)}" starts it again`,
  );
  return 0;
}

const waitForEnter = (): Promise<string> => askLine('Press enter to open the console. ');
