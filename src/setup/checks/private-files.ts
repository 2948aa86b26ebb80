import { basename } from 'node:path';
import { closeRootFiles, isPrivate, rootFiles } from '../../db/private-file.ts';
import { accountOfUid } from '../../provision/host/local/accounts.ts';
import { strangersIn } from '../../provision/host/local/file-holders.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import { rootExists } from '../../worker/open-root.ts';
import { tryWorkerLock } from '../../worker/worker-lock.ts';
import type { Check, Wrong } from '../check.ts';

/**
 * Other users cannot open the files directly in the root folder: the inventory, the worker's lock, the bell. Whoever
 * can open one can lock it, and a lock on one of them stops the queue.
 */
export const privateFiles: Check = {
  id: 'private-files',
  title: 'Private files',
  async check({ target }) {
    if (process.getuid?.() !== 0 || !rootExists(target.paths)) return undefined;
    return openToOthers(target.paths) ?? heldByOthers(target.paths);
  },
  async fix({ target: { paths }, host }) {
    if (host.planning) return;
    closeRootFiles(paths.root, paths.workerLock);
    // The lock file is replaced by the next process that takes it; a running worker does that at its next start.
    tryWorkerLock(paths.workerLock)?.release();
  },
};

function openToOthers({ root, workerLock }: RootPaths): Wrong | undefined {
  const open = rootFiles(root)
    .filter(({ fact }) => !isPrivate(fact))
    .map(({ file }) => file);
  if (open.length === 0) return undefined;
  const lock = open.includes(workerLock);
  return {
    code: 'FILES_OPEN',
    message: `users other than root can open ${open.join(', ')}`,
    hint: lock ? 'aegir setup restricts them; then: systemctl restart aegir-worker' : 'aegir setup restricts them.',
  };
}

/** A file that was opened while it was open to all stays open. */
function heldByOthers({ root }: RootPaths): Wrong | undefined {
  const [holder, ...more] = strangersIn(rootFiles(root).map(({ file }) => file));
  if (!holder) return undefined;
  const who = accountOfUid(holder.uid) ?? String(holder.uid);
  const others = more.length > 0 ? `, and ${more.length} more` : '';
  return {
    code: 'FILES_HELD',
    message: `process ${holder.pid} of ${who} has ${basename(holder.file)} open${others}, and can lock it`,
    hint: `Check what it is and end it: ps -fp ${holder.pid}; kill ${holder.pid}`,
  };
}
