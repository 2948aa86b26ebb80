import { closeSync, futimesSync, openSync, watch } from 'node:fs';

/** Notifies the worker, in whichever process, and every console that the queue has changed. */
export function ringBell(file: string): void {
  const bell = openSync(file, 'a', 0o600);
  const at = new Date();
  futimesSync(bell, at, at);
  closeSync(bell);
}

/** Calls `heard` soon after each ring. Returns a function that stops listening. Costs nothing while idle. */
export function listenToBell(file: string, heard: () => void): () => void {
  closeSync(openSync(file, 'a', 0o600));
  const watcher = watch(file, { persistent: false }, () => heard());
  // On a file system without change notifications, the listener's slow timer finds the change.
  watcher.on('error', () => {});
  return () => watcher.close();
}
