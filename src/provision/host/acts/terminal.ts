import { runUserOnTerminal } from '../local/on-terminal.ts';
import { defineAct } from './act.ts';
import { userCommand } from './user-command.ts';

export const userTerminal = defineAct('user.terminal', {
  args: userCommand,
  describe: ({ user, file, args, cwd }) => `run as ${user} in ${cwd}, on the terminal: ${[file, ...args].join(' ')}`,
  run: async ({ user, ...command }, policy) => ({ code: await runUserOnTerminal(policy, user, command) }),
});
