import {
  buildOnDisk,
  buildsFolder,
  outdatedBuild,
  outdatedProcesses,
  UNNAMED,
} from '../../provision/host/local/build.ts';
import { holderText, isConsole } from '../../worker/worker-holder.ts';
import type { Check, Wrong } from '../check.ts';

/** The row's title, also in a trial. */
export const PROGRAM = 'Program version';

/** Every running process has the version of the program on disk. */
export const programCurrent: Check = {
  id: 'program',
  title: PROGRAM,
  check: async () => outdatedPrograms(),
};

/**
 * Processes that run another build than the one below `dist`, and how each gets the new one; undefined if there are
 * none.
 */
export function outdatedPrograms(dist = buildsFolder): Wrong | undefined {
  const found = outdatedProcesses(dist).map(({ pid, script, args }) => {
    const command = script === 'aegir.js' ? ['aegir', ...args].join(' ') : script.replace(/\.js$/, '');
    const build = outdatedBuild(pid, dist) ?? UNNAMED;
    return { who: holderText({ pid, command }), build, hint: remedyOf[kindOf(script, args, build === UNNAMED)] };
  });
  if (found.length === 0) return undefined;
  const runs = found.map(({ who, build }) => `${who} runs ${build}`);
  const remedies = [...new Set(found.map(({ hint }) => hint))];
  const message = `${buildOnDisk(dist)} is installed; ${runs.join(', ')}`;
  return { code: 'PROGRAM_OUTDATED', message, hint: remedies.join(' '), warning: true };
}

type Kind = keyof typeof remedyOf;

const remedyOf = {
  worker: 'A worker restarts as the new program once its tasks have ended.',
  workerOfBefore: 'A worker of an older version: systemctl restart aegir-worker.',
  console: 'U in a console reopens it.',
  consoleOfBefore: 'A console of an older version: quit it and open it again.',
  front: 'The services of a trial: aegir try --stop, then aegir try.',
  command: 'A command ends by itself.',
} as const;

function kindOf(script: string, args: readonly string[], before: boolean): Kind {
  if (script !== 'aegir.js') return 'front';
  if (args.includes('worker')) return before ? 'workerOfBefore' : 'worker';
  if (!isConsole(['aegir', ...args].join(' '))) return 'command';
  return before ? 'consoleOfBefore' : 'console';
}
