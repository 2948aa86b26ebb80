import { checkedAct } from '../acts/registry.ts';
import type { Host } from '../host.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';
import { lineDiff } from './diff.ts';
import { planAct } from './planned-acts.ts';
import { type PlannedState, planState } from './planned-state.ts';

/** An act that would be performed: its arguments, a description and, for a file, its diff. */
export interface PlannedAct {
  verb: RootVerb;
  args: Record<string, unknown>;
  text: string;
  /** Lines that begin with `+` or `-`; empty for other acts than file writes, and if nothing would change. */
  diff: string[];
}

/** A host for dry runs, which records acts instead of performing them, in order. */
export interface PlanningHost extends Host {
  planned(): PlannedAct[];
}

/**
 * A host that reads for real but records acts instead of performing them. Later reads see the plan: a file has its
 * planned text, a removed folder is empty, a new user has its id. Acts that would change nothing are not recorded.
 * Secrets are never recorded: standard input is not an argument, and for a file that others may not read only the
 * number of lines is shown.
 */
export function planHost(real: Host): PlanningHost {
  const recorded: PlannedAct[] = [];
  const state = planState(real);
  const { readText, stat, list, look, account, accountOfUid } = state;
  const databases = { made: new Set<string>(), gone: new Set<string>() };
  return {
    ...real,
    planning: true,
    ...{ readText, stat, list, look, account, accountOfUid },
    async act<V extends RootVerb>(verb: V, given: RootActs[V]['args']) {
      const { act, args } = checkedAct(verb, given);
      const document = args as Record<string, unknown>;
      const shown = verb === 'file.write' ? await showFile(state, args as RootActs['file.write']['args']) : noFile;
      const { changes, result } = await planAct(verb, args, { state, real, databases });
      if (changes)
        recorded.push({ verb, args: { ...document, ...shown.args }, text: act.describe(args), diff: shown.diff });
      return result;
    },
    // A page of a site that does not exist yet: the plan assumes that it is fine.
    fetch: async () => ({ status: 200, body: '', location: undefined }),
    planned: () => recorded,
  };
}

const noFile = { args: {}, diff: [] as string[] };

/** The diff of a file. Files that others may not read may contain keys, so only the number of lines is shown. */
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
