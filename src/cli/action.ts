import type { Session } from './session.ts';

/** What a command does: with the arguments and the options that were said. Gives the exit code. */
export type Run = (session: Session, words: string[], values: Record<string, unknown>) => Promise<number> | number;

/** Makes what commander calls of a command: it opens the session and turns what was thrown into words and an exit code. */
export type Action = (run: Run) => (...words: unknown[]) => Promise<void>;
