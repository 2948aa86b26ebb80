import type { RootPaths } from '../provision/paths.ts';
import { doctor, planSetup, runSetup } from '../setup/setup.ts';
import { serverTarget } from '../setup/target.ts';

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
