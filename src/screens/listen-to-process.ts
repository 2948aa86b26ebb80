import type { ConsoleExit } from '../state/model/state.ts';
import type { ConsoleStore } from '../state/model/store.ts';

/**
 * Turns what happens to the process into what happens to the console: with listeners of our own, a signal ends the
 * screen and nothing else. `away` is true while the terminal is somebody else's, whom ctrl-c is for.
 */
export function listenToProcess(
  store: ConsoleStore,
  away: () => boolean,
): { suspendable(now: boolean): void; stop(): void } {
  const { stdin, stderr } = process;
  const leaveBy = (exit: ConsoleExit) => (): void => store.leave(exit);
  const hangUp = leaveBy({ reason: 'hangup', tasks: 'finish' });
  const terminate = leaveBy({ reason: 'terminated', tasks: 'cancel' });
  const interrupt = (): void => {
    if (!away()) terminate();
  };
  // As ctrl-z, which no signal reaches while the terminal is raw: the terminal is put back first.
  const suspend = (): void => store.press('ctrl-z');
  process.on('SIGHUP', hangUp);
  process.on('SIGTERM', terminate);
  process.on('SIGINT', interrupt);
  process.on('SIGTSTP', suspend);
  stdin.on('end', hangUp);
  stdin.on('error', hangUp);
  return {
    /** While the terminal is somebody else's, stopping is the kernel's affair: all of the group stop, and so do we. */
    suspendable(now) {
      process.off('SIGTSTP', suspend);
      if (now) process.on('SIGTSTP', suspend);
    },
    stop() {
      // A lost line is told more than once, and goes on failing while tasks end: neither may end them.
      process.on('SIGHUP', () => {});
      process.off('SIGHUP', hangUp);
      stderr.on('error', () => {});
      process.off('SIGTERM', terminate);
      process.off('SIGINT', interrupt);
      process.off('SIGTSTP', suspend);
      stdin.off('end', hangUp);
      stdin.off('error', hangUp);
      stdin.on('error', () => {});
      stdin.unref();
    },
  };
}
