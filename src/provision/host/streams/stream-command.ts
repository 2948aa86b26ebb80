import { type CommandWithCwd, commandAsUser } from '../local/as-user.ts';
import type { Policy } from '../policy.ts';
import type { UserCommand } from '../root-acts.ts';

/** One end of a stream: a site user's command, whose standard output or input is used. */
export type StreamCommand = Pick<UserCommand, 'user' | 'adapt' | 'buffered'> &
  Pick<CommandWithCwd, 'file' | 'args' | 'cwd' | 'env'>;

/** The same, ready to be spawned; `name` is for messages. */
export type ResolvedCommand = ReturnType<typeof commandAsUser> & {
  name: string;
  adapt?: 'sql' | undefined;
  /** The collations that the database knows which it fills. */
  collations?: string[] | undefined;
};

/** Size of the output blocks of a buffered command, in bytes. */
const LARGE = 256 * 1024;

/** Resolves a site user's command. Throws `USER_MISSING`. */
export const resolveCommand = (
  policy: Policy,
  { user, adapt, buffered, ...command }: StreamCommand,
): ResolvedCommand => ({
  name: command.file,
  adapt,
  ...commandAsUser(policy, user, buffered ? inLargePieces(command) : command),
});

/** A program that writes 4 kB at a time keeps waking two other processes: that took a fifth of a backup's CPU time. */
const inLargePieces = <C extends Pick<CommandWithCwd, 'file' | 'args'>>(command: C): C => ({
  ...command,
  file: 'stdbuf',
  args: [`--output=${LARGE}`, command.file, ...command.args],
});
