import type { ConsoleState } from './state.ts';

/** How many notices are kept. */
const MOST_SAID = 100;

/** Every notice is kept for a while: one line of a screen may not be enough for it. */
export const withSaid = (before: ConsoleState, { notice, ...after }: ConsoleState): ConsoleState => ({
  ...after,
  notice,
  said: notice && notice !== before.notice ? [...after.said, notice].slice(-MOST_SAID) : after.said,
});
