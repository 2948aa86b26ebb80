import { existsSync, type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Without change notices (no folder yet, a network disk) growth is found by looking this often. */
const POLL_MS = 1000;

/**
 * Calls `changed` when a file may have grown or another has taken its name: at once after a quiet time, and at most
 * once in `gap` milliseconds.
 */
export function watchFile(file: string, on: { gap(): number; changed(): void }): { stop(): void } {
  const folder = dirname(file);
  let told = 0;
  let waiting: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;

  function tell(): void {
    waiting = undefined;
    told = performance.now();
    on.changed();
  }

  function gather(): void {
    waiting ??= setTimeout(tell, Math.max(0, told + on.gap() - performance.now()));
  }

  function listen(): void {
    if (watcher || !existsSync(folder)) return;
    watcher = watch(folder, { persistent: false }, (_event, name) => {
      if (name === basename(file)) gather();
    });
    // The poll goes on.
    watcher.on('error', () => {});
  }

  const poll = setInterval(() => {
    listen();
    gather();
  }, POLL_MS);
  listen();
  return {
    stop() {
      clearInterval(poll);
      clearTimeout(waiting);
      watcher?.close();
    },
  };
}
