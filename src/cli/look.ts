import type { Action } from './action.ts';
import type { Session } from './session.ts';

/** Makes what commander calls of a command that only shows something. */
export type Look = (
  run: (session: Session, ...words: string[]) => Promise<void> | void,
) => (...words: unknown[]) => Promise<void>;

/** Makes it of what makes the others: it has gone well when it has not thrown. */
export const lookOf =
  (action: Action): Look =>
  (run) =>
    action(async (session, words) => {
      await run(session, ...words);
      return 0;
    });
