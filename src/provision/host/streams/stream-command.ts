import { type UserCommand, userWords } from '../local/as-user.ts';
import type { Policy } from '../policy.ts';
import type { UserWords } from '../root-acts.ts';

/** One end of a stream: a command of a site's user, its standard output or input. */
export type StreamCommand = Pick<UserWords, 'user' | 'adapt' | 'buffered'> &
  Pick<UserCommand, 'file' | 'args' | 'cwd' | 'env'>;

/** The same as it is started; `name` is for messages. */
export type StreamWords = ReturnType<typeof userWords> & { name: string; adapt?: 'sql' | undefined };

/** How much at once a command with small words says at last; bytes. */
const LARGE = 256 * 1024;

/** The words of a command of a site's user. Throws `USER_MISSING`. */
export const wordsOf = (policy: Policy, { user, adapt, buffered, ...command }: StreamCommand): StreamWords => ({
  name: command.file,
  adapt,
  ...userWords(policy, user, buffered ? inLargePieces(command) : command),
});

/** A program that writes 4 kB at a time keeps two others awake: that was a fifth of a backup's processor time. */
const inLargePieces = <C extends Pick<UserCommand, 'file' | 'args'>>(command: C): C => ({
  ...command,
  file: 'stdbuf',
  args: [`--output=${LARGE}`, command.file, ...command.args],
});
