import type { RootPaths } from '../provision/paths.ts';
import { doctor, planSetup, runSetup } from '../setup/setup.ts';
import { serverTarget } from '../setup/target.ts';
import { takeGlobalOptions } from './global-options.ts';
import { makeOutput } from './output.ts';
import { makeSession } from './session.ts';
import { showTrial } from './try.ts';

/** What was looked at on a machine that is not set up, as the page of a new machine shows it. */
export async function homeFindings(paths: RootPaths) {
  const findings = await doctor(serverTarget(paths));
  return findings.map(({ state, title, detail, remedy, fixable }) => ({
    state: state === 'ok' ? ('good' as const) : fixable ? ('missing' as const) : ('bad' as const),
    text: detail ? `${title}: ${detail}` : title,
    remedy: state === 'ok' ? '' : remedy,
  }));
}

/** Sets this machine up, telling each act on the terminal that the console has stepped away from. True when it worked. */
export async function setUpHere(paths: RootPaths): Promise<boolean> {
  const target = serverTarget(paths);
  const stopping = (await planSetup(target)).findings.find((finding) => finding.state === 'wrong' && finding.stops);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  if (stopping) {
    say(`${stopping.title}: ${stopping.detail}. ${stopping.remedy}`);
    return false;
  }
  const findings = await runSetup(target, say);
  for (const { state, title, detail, remedy } of findings) if (state !== 'ok') say(`${title}: ${detail}. ${remedy}`);
  return findings.every((finding) => finding.state !== 'wrong');
}

/** Makes a trial, telling each step on the terminal that the console has stepped away from. True when it worked. */
export async function tryHere(paths: RootPaths, { color }: { color: boolean }): Promise<boolean> {
  const { options } = takeGlobalOptions(['--root', paths.root]);
  const session = makeSession({ ...options, color }, makeOutput(options));
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
