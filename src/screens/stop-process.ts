/** How long after the signal the process goes on if nothing stopped it (an orphaned process group ignores it). */
const NOT_STOPPED_MS = 500;

/**
 * Stops this process and the launchers it was started through, as ctrl-z would; resolves when `fg` has let them go
 * on. The whole process group is signalled, as the terminal does it: a shell only sees its own child stop.
 */
export async function stopProcess(): Promise<void> {
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      // A timer that is held: without one, Node finds nothing to wait for after `fg` and ends.
      clearTimeout(timer);
      process.off('SIGCONT', goOn);
      resolve();
    };
    const timer = setTimeout(goOn, NOT_STOPPED_MS);
    process.once('SIGCONT', goOn);
    process.kill(0, 'SIGTSTP');
  });
}
