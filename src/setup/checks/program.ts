import { buildOnDisk, buildsFolder, outdatedBuild, outdatedProcesses } from '../../provision/build.ts';
import { holderText, isConsole } from '../../worker/worker-holder.ts';
import type { Check, Wrong } from '../check.ts';

/** What the row is called, also in a trial. */
export const PROGRAM = 'Program version';

/** Nothing that runs is of another version than the program on disk. */
export const programCurrent: Check = {
  id: 'program',
  title: PROGRAM,
  check: async () => outdatedPrograms(),
};

/** What still runs another build than the one below `dist`, and how it comes to the new one; undefined where nothing does. */
export function outdatedPrograms(dist = buildsFolder): Wrong | undefined {
  const found = outdatedProcesses(dist).map(({ pid, script, words }) => {
    const command = script === 'aegir.js' ? ['aegir', ...words].join(' ') : script.replace(/\.js$/, '');
    return { who: holderText({ pid, command }), build: outdatedBuild(pid, dist), kind: kindOf(script, words) };
  });
  if (found.length === 0) return undefined;
  const runs = found.map(({ who, build }) => `${who} runs ${build ?? 'another one'}`);
  const remedies = [...new Set(found.map(({ kind }) => remedyOf[kind]))];
  const detail = `${buildOnDisk(dist)} is installed; ${runs.join(', ')}`;
  return { code: 'PROGRAM_OUTDATED', detail, remedy: remedies.join(' '), warning: true };
}

type Kind = keyof typeof remedyOf;

const remedyOf = {
  worker: 'A worker goes on as the new program once its tasks have ended; else: systemctl restart aegir-worker.',
  console: 'U in a console reopens it.',
  front: 'The services of a trial: aegir try --stop, then aegir try.',
  command: 'A command ends by itself.',
} as const;

function kindOf(script: string, words: readonly string[]): Kind {
  if (script !== 'aegir.js') return 'front';
  if (words.includes('worker')) return 'worker';
  return isConsole(['aegir', ...words].join(' ')) ? 'console' : 'command';
}
