import { type BackupRow, listBackups } from '../db/backups.ts';
import type { Inventory } from '../db/inventory.ts';
import { listSchedules } from '../db/schedules.ts';

/** What the backup schedules will do next. */
export interface Rotation {
  /** Sites with scheduled backups, the next first; ISO 8601 UTC. */
  due: { uri: string; at: string }[];
  /** Names of the backups that the next scheduled one replaces, once it is verified. */
  goNext: string[];
}

/** Reads the rotation from the inventory, of one site or of all. */
export function readRotation(inventory: Inventory, uri?: string): Rotation {
  const schedules = listSchedules(inventory, 'site.backup').filter((schedule) => !uri || schedule.uri === uri);
  return {
    due: schedules.map((schedule) => ({ uri: schedule.uri, at: schedule.dueAt })),
    goNext: schedules.flatMap(({ uri: of, args }) => surplus(listBackups(inventory, of), Number(args.keep))),
  };
}

/** The backups that are too many once another one is added. */
const surplus = (backups: BackupRow[], keep: number): string[] =>
  keep > 0
    ? backups
        .filter(({ kind }) => kind === 'rotating')
        .toSorted((one, other) => other.id - one.id)
        .slice(keep - 1)
        .map(({ name }) => name)
    : [];
