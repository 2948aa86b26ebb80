import { z } from 'zod';

/** A text that a command or the kernel takes. */
export const plainText = z.string().refine((value) => !value.includes('\0'), 'no NUL');

/** A command of a site's user. */
export const userCommand = z.strictObject({
  user: z.string(),
  file: plainText.regex(/^[^-]/, 'not an option'),
  args: z.array(plainText),
  cwd: plainText.startsWith('/'),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), plainText).optional(),
});

/** One end of a stream: a command of a site's user, and how its data are treated (`UserCommand`). */
export const streamCommand = userCommand.extend({
  adapt: z.literal('sql').optional(),
  buffered: z.boolean().optional(),
  longStatements: plainText.startsWith('/').optional(),
});
