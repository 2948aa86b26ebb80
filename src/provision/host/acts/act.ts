import type { z } from 'zod';
import type { ActOptions } from '../host.ts';
import type { Policy } from '../policy.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';

/** One act of the closed list: how its arguments look, what it does, and how it is told to a person. */
export interface Act<V extends RootVerb> {
  args: z.ZodType<RootActs[V]['args']>;
  /** Checks the arguments against the policy, then acts. Throws AegirError. */
  run(args: RootActs[V]['args'], policy: Policy, live: ActOptions): Outcome<RootActs[V]['result']>;
  describe(args: RootActs[V]['args']): string;
}

/** An act without a result need not say so by a return. */
type Outcome<R> = R extends undefined ? Promise<void> : Promise<R> | R;

/** Gives an act its types; returns it unchanged. */
export const defineAct = <V extends RootVerb>(_verb: V, act: Act<V>): Act<V> => act;
