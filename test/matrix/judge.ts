import type { TaskRow } from '../../src/db/tasks.ts';
import type { Look } from './look.ts';

/** How a world is after a fault: as before the task, as after it, neither, or one of the two with something beside. */
export type Verdict = 'old' | 'new' | 'BROKEN' | 'left over';

export interface Judgement {
  verdict: Verdict;
  /** What is wrong, for people. */
  why: string[];
}

/** A task that succeeded must have left the new state, any other the old one, and nothing to be finished. */
export function judge(task: TaskRow | undefined, before: Look, after: Look, now: Look): Judgement {
  const forward = task?.state === 'succeeded' || task?.state === 'warning';
  const wrong = differences(forward ? after : before, now);
  const words = `task ${task?.state ?? 'gone'}${task?.error ? ` (${task.error.code}: ${task.error.message})` : ''}`;
  if (task?.unfinished)
    return { verdict: 'BROKEN', why: [words, `unfinished: ${task.unfinished}`, ...wrong.map(textOf)] };
  if (task?.state === 'warning') return { verdict: 'BROKEN', why: [words, ...wrong.map(textOf)] };
  if (wrong.length === 0) return { verdict: forward ? 'new' : 'old', why: [] };
  const verdict = wrong.every(({ kind }) => kind === 'more') ? 'left over' : 'BROKEN';
  return { verdict, why: [words, ...wrong.map(textOf)] };
}

interface Difference {
  kind: 'more' | 'less' | 'other';
  key: string;
  text: string;
}

/** What a look has more, less or otherwise than another. */
export function differences(wanted: Look, found: Look): Difference[] {
  const more = [...found.keys()]
    .filter((key) => !wanted.has(key))
    .map((key) => ({ kind: 'more' as const, key, text: '' }));
  const others = [...wanted].flatMap(([key, value]) => {
    const now = found.get(key);
    if (now === value) return [];
    return [
      now === undefined
        ? { kind: 'less' as const, key, text: '' }
        : { kind: 'other' as const, key, text: apart(value, now) },
    ];
  });
  return [...more, ...others];
}

export const textOf = ({ kind, key, text }: Difference): string =>
  `${{ more: '+', less: '-', other: '~' }[kind]} ${key}${text === '' ? '' : `: ${text}`}`;

/** The first line in which two texts differ. */
function apart(one: string, other: string): string {
  const [ones, others] = [one.split('\n'), other.split('\n')];
  const gone = ones.find((line) => !others.includes(line)) ?? '';
  const come = others.find((line) => !ones.includes(line)) ?? '';
  let place = 0;
  while (place < Math.max(gone.length, come.length) && gone[place] === come[place]) place += 1;
  const cut = (text: string): string => JSON.stringify(text.slice(Math.max(0, place - 60), place + 120));
  return `${cut(gone)} is now ${cut(come)}`;
}
