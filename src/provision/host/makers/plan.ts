import { checkedAct } from '../acts/registry.ts';
import type { Host } from '../host.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';
import { lineDiff } from './diff.ts';
import { planAct } from './planned-acts.ts';
import { type PlannedState, planState } from './planned-state.ts';

/** One act that would be done: its document, a line for people, and for a file the lines that would change. */
export interface PlannedAct {
  verb: RootVerb;
  args: Record<string, unknown>;
  text: string;
  /** Lines that begin with `+` or `-`; empty for what is no file, or does not change. */
  diff: string[];
}

/** A host that performs nothing: what was recorded, in order. */
export interface PlanningHost extends Host {
  planned(): PlannedAct[];
}

/**
 * A host that reads for real and records acts instead of performing them. What was planned before is there for
 * later reads: a file reads as it would be written, a removed folder is empty, a new user has its number. What
 * would change nothing is not recorded. Secrets never are: standard input is no argument, and of a file that
 * others may not read only the number of lines is told.
 */
export function planHost(real: Host): PlanningHost {
  const recorded: PlannedAct[] = [];
  const state = planState(real);
  const { readText, stat, list, account, accountOfUid } = state;
  const databases = { made: new Set<string>(), gone: new Set<string>() };
  return {
    ...real,
    planning: true,
    ...{ readText, stat, list, account, accountOfUid },
    async act<V extends RootVerb>(verb: V, given: RootActs[V]['args']) {
      const { act, args } = checkedAct(verb, given);
      const document = args as Record<string, unknown>;
      const shown = verb === 'file.write' ? await showFile(state, args as RootActs['file.write']['args']) : noFile;
      const { changes, result } = await planAct(verb, args, { state, real, databases });
      if (changes)
        recorded.push({ verb, args: { ...document, ...shown.args }, text: act.describe(args), diff: shown.diff });
      return result;
    },
    // A page of a site that is not there yet: a plan takes it for good.
    fetch: async () => ({ status: 200, body: '', location: undefined }),
    planned: () => recorded,
  };
}

const noFile = { args: {}, diff: [] as string[] };

/** The lines of a file that would change. What others may not read may hold keys, so it is counted only. */
async function showFile(
  state: PlannedState,
  { path, text, mode }: RootActs['file.write']['args'],
): Promise<typeof noFile> {
  const before = (await state.readText(path)) ?? '';
  const diff = lineDiff(before, text);
  if ((mode & 0o004) !== 0) return { args: {}, diff };
  const count = (sign: string): number => diff.filter((line) => line.startsWith(sign)).length;
  const lines = (['-', '+'] as const)
    .map((sign) => ({ sign, lines: count(sign) }))
    .filter(({ lines }) => lines > 0)
    .map(
      ({ sign, lines }) =>
        `${sign} (${lines} ${lines === 1 ? 'line' : 'lines'}, not shown: others may not read this file)`,
    );
  return { args: { text: '' }, diff: lines };
}
