import type { Session } from './session.ts';

/** Makes what commander calls of a command that only shows something. */
export type Look = (
  run: (session: Session, ...words: string[]) => Promise<void> | void,
) => (...words: unknown[]) => Promise<void>;
