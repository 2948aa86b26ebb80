import { oneLine } from './clean-text.ts';

/** Plain JSON, as it travels through the journal, the protocol and the console. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * An error that a person can act on.
 * `code` is stable (upper case, underscores), `message` says what was wrong and with which value,
 * `hint` says what to do, `field` names the argument at fault.
 */
export class AegirError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly field: string | undefined;

  constructor(code: string, message: string, hint = '', field?: string) {
    super(message);
    this.name = 'AegirError';
    this.code = code;
    this.hint = hint;
    this.field = field;
  }
}

/** The shape in which an error is stored, printed with `--json` and sent over the protocol. */
export interface ErrorDocument {
  code: string;
  message: string;
  hint: string;
  field?: string;
}

const diskFull: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);

/**
 * Any thrown value as an error document; what is not ours becomes `DISK_FULL` or `INTERNAL`. Its message is one line:
 * `wholeMessage` has all of it, for a log.
 */
export function describeError(error: unknown): ErrorDocument {
  const message = oneLine(wholeMessage(error));
  if (error instanceof AegirError) {
    const { code, hint, field } = error;
    return field === undefined ? { code, message, hint } : { code, message, hint, field };
  }
  // Wherever it happens, of the file system or of the inventory itself.
  if (error instanceof Error && 'code' in error && diskFull.has(error.code)) {
    return { code: 'DISK_FULL', message: `no space is left: ${message}`, hint: 'Make room, then try again.' };
  }
  return { code: 'INTERNAL', message, hint: 'This is a fault of the program; AEGIR_DEBUG=1 shows where.' };
}

/** Everything that a thrown value says, in as many lines as it says it. */
export function wholeMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A ZodError's message is a JSON document (zod.dev/error-formatting).
  const { issues } = error as { issues?: unknown };
  if (error.name !== 'ZodError' || !Array.isArray(issues)) return error.message;
  return (issues as { path: PropertyKey[]; message: string }[])
    .map(({ path, message }) => [path.map(String).join('.'), message].filter(Boolean).join(': '))
    .join('\n');
}
