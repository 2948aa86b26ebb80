import { readdirSync, readFileSync } from 'node:fs';

/** What /proc/<pid>/status says of a process: its parent, and its numbers from ours to its own container's. */
export interface ProcessFact {
  pid: number;
  parent: number;
  numbers: number[];
  words: string[];
}

/** A process as seen from here; undefined when it has ended. */
export function processFact(pid: number): ProcessFact | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, parent] = /^PPid:\s*(\d+)$/m.exec(status) ?? [];
    const [, numbers = ''] = /^NSpid:\s*(.*)$/m.exec(status) ?? [];
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
    return { pid, parent: Number(parent), numbers: numbers.trim().split(/\s+/).map(Number), words };
  } catch {
    return undefined;
  }
}

/** All processes that we see. */
export const allProcesses = (): ProcessFact[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processFact(Number(name)))
    .filter((fact) => fact !== undefined);

/** True for a process that descends from another one, or is it. */
export function isBelow(pid: number, other: number): boolean {
  for (let at = pid; at > 1; at = processFact(at)?.parent ?? 0) if (at === other) return true;
  return false;
}
