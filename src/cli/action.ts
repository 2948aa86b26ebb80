import type { Session } from './session.ts';

/** Carries out a command with its arguments and options. Returns the exit status. */
export type Run = (session: Session, args: string[], values: Record<string, unknown>) => Promise<number> | number;

/** Wraps a command as the handler that commander calls. */
export type Action = (run: Run) => (...args: unknown[]) => Promise<void>;
