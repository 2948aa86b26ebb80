import { closeSync, futimesSync, openSync, watch } from 'node:fs';

/** Tells the worker, whichever process it is, and every console that something in the queue changed. */
export function ringBell(file: string): void {
  const bell = openSync(file, 'a', 0o600);
  const at = new Date();
  futimesSync(bell, at, at);
  closeSync(bell);
}

/** Calls `heard` soon after each ring. Returns how to stop listening. Costs nothing while nobody rings. */
export function listenToBell(file: string, heard: () => void): () => void {
  closeSync(openSync(file, 'a', 0o600));
  const watcher = watch(file, { persistent: false }, () => heard());
  // A file system without change notices: the slow tick of the listener still finds the change.
  watcher.on('error', () => {});
  return () => watcher.close();
}
