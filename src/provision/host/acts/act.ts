import type { z } from 'zod';
import type { ActOptions } from '../host.ts';
import type { Policy } from '../policy.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';

/** One act of the closed list: its argument schema, a description for people, and the code that performs it. */
export interface Act<V extends RootVerb> {
  args: z.ZodType<RootActs[V]['args']>;
  /** Checks the arguments against the policy, then acts. Throws AegirError. */
  run(args: RootActs[V]['args'], policy: Policy, live: ActOptions): Outcome<RootActs[V]['result']>;
  describe(args: RootActs[V]['args']): string;
}

/** An act without a result needs no `return`. */
type Outcome<R> = R extends undefined ? Promise<void> : Promise<R> | R;

/** Gives an act its types; returns it unchanged. */
export const defineAct = <V extends RootVerb>(_verb: V, act: Act<V>): Act<V> => act;
