import type { RootPaths } from '../provision/model/paths.ts';
import type { Program } from '../provision/program.ts';
import { doctor, planSetup, runSetup } from '../setup/setup.ts';
import { serverTarget } from '../setup/target.ts';
import { checkTrial, isTrial } from '../setup/trial.ts';
import type { Finding } from '../state/model/state.ts';
import type { Root } from '../worker/open-root.ts';
import { showTrial } from './begin-trial.ts';
import { takeGlobalOptions } from './global-options.ts';
import { makeOutput } from './output.ts';
import { makeSession } from './session.ts';
import { progressReporter } from './setup.ts';
import { forTerminal } from './terminal-text.ts';

/** The findings of doctor on this machine, in the form that the console shows. */
export async function machineFindings(paths: RootPaths, program: Program, root: Root | undefined): Promise<Finding[]> {
  const found = root && isTrial(root) ? await checkTrial(root) : await doctor(serverTarget(paths, program.services));
  return found.map((one) => ({
    state: stateOf(one),
    title: one.title,
    message: one.message,
    hint: one.state === 'ok' ? '' : one.hint,
  }));
}

function stateOf({ state, fixable }: Awaited<ReturnType<typeof doctor>>[number]): Finding['state'] {
  if (state === 'ok') return 'good';
  if (state === 'wrong' && fixable) return 'missing';
  return state === 'warning' ? 'warning' : 'bad';
}

/** Sets this machine up, printing each act on the terminal that the console has released. Returns true on success. */
export async function setUpHere(paths: RootPaths, program: Program): Promise<boolean> {
  const target = serverTarget(paths, program.services);
  const stopping = (await planSetup(target)).findings.find((finding) => finding.state === 'wrong' && finding.stops);
  const say = (text: string): void => void process.stdout.write(forTerminal(`${text}\n`));
  if (stopping) {
    say(`${stopping.title}: ${stopping.message}. ${stopping.hint}`);
    return false;
  }
  const findings = await runSetup(target, progressReporter(say));
  for (const { state, title, message, hint } of findings) if (state !== 'ok') say(`${title}: ${message}. ${hint}`);
  return findings.every((finding) => finding.state !== 'wrong');
}

/** Makes a trial, printing each step on the terminal that the console has released. Returns true on success. */
export async function tryHere(paths: RootPaths, program: Program, { color }: { color: boolean }): Promise<boolean> {
  const { options } = takeGlobalOptions(['--root', paths.root]);
  const session = makeSession({ ...options, color }, makeOutput(options), program);
  try {
    await showTrial(session, {});
    return true;
  } catch (error) {
    session.out.error(error);
    return false;
  } finally {
    session.close();
  }
}
