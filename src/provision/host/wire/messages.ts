import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { plainText } from '../acts/user-command.ts';

/** The version of these messages: both ends must have the same. */
export const PROTOCOL = 1;

/** Bytes of a file that are read in one call. */
export const MOST_BYTES = 4 * 1024 * 1024;

const path = z.string();
const scope = z.strictObject({ mark: z.string(), platformFolders: z.array(path) });

/** What the serving end makes the policy of a call from, beside what it was started with. */
export type Scope = z.infer<typeof scope>;

const text = z.strictObject({ text: path, maxBytes: z.int().nonnegative().optional() });

/** What can be asked of a host: its methods, with plain arguments. */
const call = z.discriminatedUnion('call', [
  z.strictObject({ call: z.literal('readText'), path, maxBytes: z.int().nonnegative().optional() }),
  z.strictObject({ call: z.literal('stat'), path }),
  z.strictObject({ call: z.literal('list'), path }),
  z.strictObject({
    call: z.literal('look'),
    wanted: z.array(z.union([z.strictObject({ list: path }), z.strictObject({ stat: path }), text])),
  }),
  z.strictObject({ call: z.literal('open'), path }),
  z.strictObject({ call: z.literal('fileState'), file: z.int() }),
  z.strictObject({
    call: z.literal('fileRead'),
    file: z.int(),
    at: z.int().nonnegative(),
    length: z.int().nonnegative().max(MOST_BYTES),
  }),
  z.strictObject({ call: z.literal('account'), user: z.string() }),
  z.strictObject({ call: z.literal('accountOfUid'), uid: z.int() }),
  z.strictObject({ call: z.literal('space'), path }),
  z.strictObject({
    call: z.literal('ask'),
    command: z.strictObject({
      file: plainText,
      args: z.array(plainText),
      env: z.record(z.string(), plainText).optional(),
      cwd: plainText.optional(),
      timeoutMs: z.number().optional(),
    }),
  }),
  z.strictObject({
    call: z.literal('fetch'),
    page: z.strictObject({
      address: z.string(),
      port: z.number(),
      host: z.string(),
      path: z.string(),
      timeoutMs: z.number(),
    }),
  }),
  // The arguments are checked by the act's own schema.
  z.strictObject({ call: z.literal('act'), verb: z.string(), args: z.unknown() }),
]);

/** One call. */
export type Call = z.infer<typeof call>;

/** What a call wants to hear while it runs, and what it gives. */
const live = z.strictObject({
  lines: z.boolean().optional(),
  progress: z.boolean().optional(),
  /** It was cancelled before it began. */
  aborted: z.boolean().optional(),
  input: z.string().optional(),
});
export type LiveWishes = z.infer<typeof live>;

/** What the asking end sends. */
export const toServer = z.union([
  z.strictObject({ id: z.int(), scope, call, live: live.optional() }),
  /** Ends a running call as its signal would. */
  z.strictObject({ cancel: z.int() }),
  z.strictObject({ close: z.int() }),
]);
export type ToServer = z.infer<typeof toServer>;

/** What the serving end sends: first `hello`; then of each call what it tells, and its result or error at last. */
export type FromServer =
  | { hello: { protocol: number } }
  | { id: number; line: ['stdout' | 'stderr', string] }
  | { id: number; progress: [number, number, string] }
  | { id: number; result?: unknown }
  | { id: number; error: WireError };

/** A thrown value as it travels. */
export type WireError =
  | { aegir: { code: string; message: string; hint: string; field?: string | undefined } }
  /** The call was cancelled: the asking end knows why. */
  | { aborted: true }
  | { other: { message: string; code?: string | undefined } };

/** Makes it of what a call has thrown; `signal` is that of the call. */
export function packError(error: unknown, signal: AbortSignal): WireError {
  if (signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError')))
    return { aborted: true };
  if (error instanceof AegirError) {
    const { code, message, hint, field } = error;
    return { aegir: { code, message, hint, field } };
  }
  const { message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  return { other: { message, code } };
}

/** Makes a value to throw of it again. */
export function unpackError(error: WireError, signal: AbortSignal | undefined): unknown {
  if ('aegir' in error) {
    const { code, message, hint, field } = error.aegir;
    return new AegirError(code, message, hint, field);
  }
  if ('aborted' in error) return signal?.reason ?? new AegirError('HOST_LOST', 'the call was cancelled', 'Try again.');
  const { message, code } = error.other;
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}
