import { readdirSync, readFileSync } from 'node:fs';

/** The variable by which the children of a task are found again. */
export const TASK_VARIABLE = 'AEGIR_TASK';

const WAIT_MS = 3000;

/**
 * Ends the processes that a task has started and a dead worker has left: those with `AEGIR_TASK` set to a mark
 * that begins with `prefix`, and their process groups. SIGTERM, up to three seconds, then SIGKILL. Returns how
 * many there were. Reads /proc (proc(5)); where there is none it finds nothing.
 */
export async function endChildren(prefix: string): Promise<number> {
  const found = markedProcesses(prefix);
  for (const pid of found) signal(pid, 'SIGTERM');
  for (let waited = 0; waited < WAIT_MS && markedProcesses(prefix).length > 0; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const pid of markedProcesses(prefix)) signal(pid, 'SIGKILL');
  return found.length;
}

/** Ids of the processes whose environment carries the mark; never this process. */
function markedProcesses(prefix: string): number[] {
  const wanted = `${TASK_VARIABLE}=${prefix}`;
  return processIds().filter(
    (pid) => pid !== process.pid && environmentOf(pid).some((entry) => entry.startsWith(wanted)),
  );
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^[0-9]+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  // Each command leads a group of its own; a process that is not a leader is signalled alone.
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, name);
    } catch {
      // Gone already, or not a group.
    }
  }
}
