import { type BackupRow, listBackups } from '../db/backups.ts';
import type { Inventory } from '../db/inventory.ts';
import { listSchedules } from '../db/schedules.ts';

/** What the schedules of backups will do next. */
export interface Rotation {
  /** Sites that are saved by schedule, the soonest first; ISO 8601 UTC. */
  due: { uri: string; at: string }[];
  /** Names of the backups that the next one by schedule removes, once it was read back. */
  goNext: string[];
}

/** Reads it from the inventory; of one site when named. */
export function readRotation(inventory: Inventory, uri?: string): Rotation {
  const schedules = listSchedules(inventory, 'site.backup').filter((schedule) => !uri || schedule.uri === uri);
  return {
    due: schedules.map((schedule) => ({ uri: schedule.uri, at: schedule.dueAt })),
    goNext: schedules.flatMap(({ uri: of, args }) => beyond(listBackups(inventory, of), Number(args.keep))),
  };
}

/** Those that are too many when one more is there. */
const beyond = (backups: BackupRow[], keep: number): string[] =>
  keep > 0
    ? backups
        .filter(({ kind }) => kind === 'rotating')
        .toSorted((one, other) => other.id - one.id)
        .slice(keep - 1)
        .map(({ name }) => name)
    : [];
