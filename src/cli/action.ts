import type { Session } from './session.ts';

/** Makes what commander calls of a command: it opens the session and turns what was thrown into words and an exit code. */
export type Action = (
  run: (session: Session, words: string[], values: Record<string, unknown>) => Promise<number> | number,
) => (...words: unknown[]) => Promise<void>;
