import { environmentOf, processFact, processIds, sendSignal } from './processes.ts';
import { waitUntil } from './wait.ts';

/** The variable by which the children of a task are found again. */
export const TASK_VARIABLE = 'AEGIR_TASK';

const GRACE_MS = 3000;
const KILL_MS = 5000;

/**
 * Ends the processes that a task has started and a dead worker has left: those with `AEGIR_TASK` set to a mark
 * that begins with `prefix`, and their process groups. SIGTERM, up to three seconds, then SIGKILL until none is
 * left. Returns how many were found. Reads /proc (proc(5)); where there is none it finds nothing. Never ends this
 * process nor any that it was started by.
 */
export async function endChildren(prefix: string): Promise<number> {
  const spared = ancestry();
  const found = new Set<number>();
  const signalAll = (signal: NodeJS.Signals): boolean => {
    const marked = markedProcesses(prefix, spared);
    for (const { pid, group } of marked) {
      found.add(pid);
      // A member may have replaced its own environment; the group finds it all the same.
      if (!spared.groups.has(group)) sendSignal(-group, signal);
      sendSignal(pid, signal);
    }
    return marked.length === 0;
  };
  if (signalAll('SIGTERM')) return 0;
  const gone = await waitUntil(() => markedProcesses(prefix, spared).length === 0, GRACE_MS);
  if (!gone) await waitUntil(() => signalAll('SIGKILL'), KILL_MS);
  return found.size;
}

interface Spared {
  pids: Set<number>;
  groups: Set<number>;
}

/** This process with all that it descends from, and their groups. */
function ancestry(): Spared {
  const spared: Spared = { pids: new Set([1]), groups: new Set([0, 1]) };
  for (let pid = process.pid; pid > 1; ) {
    const fact = processFact(pid);
    spared.pids.add(pid);
    if (!fact) return spared;
    spared.groups.add(fact.group);
    pid = fact.parent;
  }
  return spared;
}

function markedProcesses(prefix: string, spared: Spared): { pid: number; group: number }[] {
  const wanted = `${TASK_VARIABLE}=${prefix}`;
  return processIds()
    .filter((pid) => !spared.pids.has(pid) && environmentOf(pid).some((entry) => entry.startsWith(wanted)))
    .map((pid) => processFact(pid))
    .filter((fact) => fact !== undefined)
    .filter(({ state }) => state !== 'Z');
}
