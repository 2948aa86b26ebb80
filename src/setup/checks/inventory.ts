import { findServer, type ServerRow, saveServer } from '../../db/servers.ts';
import type { ServerContext } from '../../provision/model/context.ts';
import { inventoryBackups, SAVED_EVERY_MS, savedAtOf } from '../../worker/inventory-backup.ts';
import { openRootFiles, rootExists } from '../../worker/open-root.ts';
import type { Check } from '../check.ts';
import type { SetupTarget } from '../target.ts';

/** The name of this machine in its inventory. */
export const MASTER = 'server_master';

/** The inventory knows this machine and its services. */
export const inventoryRecorded: Check = {
  id: 'inventory',
  title: 'Inventory',
  async check({ target, server }) {
    const known = recordedServer(target);
    if (!known)
      return {
        code: 'NO_SERVER',
        message: `${MASTER} is not recorded in ${target.paths.inventory}`,
        hint: 'aegir setup records it.',
      };
    const same = JSON.stringify(known.services) === JSON.stringify(sorted(server.services));
    return same
      ? undefined
      : {
          code: 'SERVICES_CHANGED',
          message: 'the services of this machine have changed',
          hint: 'aegir setup records them.',
        };
  },
  async fix({ target, host, server }) {
    if (!host.planning) recordServer(target, server);
  },
};

/** The worker backs up the inventory daily: after two days it has missed one, and was not only off for a night. */
const MISSED_MS = 2 * SAVED_EVERY_MS;

/** The inventory has a recent backup. */
export const inventorySaved: Check = {
  id: 'inventory-backup',
  title: 'Backup of the inventory',
  async check({ target }) {
    const made = inventoryMade(target);
    const [newest] = inventoryBackups(target.paths);
    const lastMs = newest === undefined ? made : Date.parse(savedAtOf(newest));
    if (lastMs === undefined || Date.now() - lastMs < MISSED_MS) return undefined;
    return {
      code: 'INVENTORY_NOT_SAVED',
      message: newest === undefined ? 'there is none' : `the newest is of ${savedAtOf(newest)}`,
      hint: 'A worker makes one each day if the disk has space; check that one is running. To make one now: aegir backup inventory',
      warning: true,
    };
  },
};

/** When the inventory was created, by its server's row. Undefined if there is none. */
function inventoryMade(target: SetupTarget): number | undefined {
  const at = recordedServer(target)?.createdAt;
  return at === undefined ? undefined : Date.parse(at);
}

/** This machine's row in the inventory; undefined for users who may not read it. */
export function recordedServer(target: SetupTarget): ServerRow | undefined {
  if (process.getuid?.() !== 0 || !rootExists(target.paths)) return undefined;
  const { inventory } = openRootFiles(target.paths);
  try {
    return findServer(inventory, MASTER);
  } finally {
    inventory.close();
  }
}

function recordServer(target: SetupTarget, server: ServerContext): void {
  const { inventory } = openRootFiles(target.paths);
  try {
    saveServer(inventory, { ...server, services: sorted(server.services) as ServerRow['services'] });
  } finally {
    inventory.close();
  }
}

const sorted = <S extends { kind: string }>(services: S[]): S[] =>
  services.toSorted((one, other) => one.kind.localeCompare(other.kind));
