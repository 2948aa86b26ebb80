import type { Action } from './action.ts';
import type { Session } from './session.ts';

/** Wraps a command that only shows something as the handler that commander calls. */
export type ReadAction = (
  run: (session: Session, ...args: string[]) => Promise<void> | void,
) => (...args: unknown[]) => Promise<void>;

/** The same wrapper for such commands: the exit status is 0 unless the command throws. */
export const readActionOf =
  (action: Action): ReadAction =>
  (run) =>
    action(async (session, args) => {
      await run(session, ...args);
      return 0;
    });
