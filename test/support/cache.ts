import { lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A folder for what is fetched, which would cost every run the same download: in the checkout, so that it goes with that,
 * or, where others than we ourselves can change that, in the home. It can be removed at any time.
 */
export function testCache(name: string): string {
  const inCheckout = join(process.cwd(), 'node_modules/.cache/aegir-test');
  const folder = join(isOurs(dirname(dirname(inCheckout))) ? inCheckout : join(homedir(), '.cache/aegir-test'), name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/** Whether a folder and all above it are ours or root's, and nobody else writes there. */
function isOurs(folder: string): boolean {
  const { uid, mode } = lstatSync(folder);
  const owned = uid === 0 || uid === process.getuid?.();
  const shut = (mode & 0o022) === 0 || (mode & 0o1000) !== 0;
  return owned && shut && (folder === dirname(folder) || isOurs(dirname(folder)));
}
