import type { Inventory } from '../../db/inventory.ts';
import { listenToBell } from '../../worker/bell.ts';

/** How often another process's changes are looked for. One such look reads a page that is in memory. */
const POLL_MS = 1000;
/** Changes that come faster than this are read together. */
const GATHER_MS = 60;

/** Calls `changed` soon after another connection has changed the inventory, and `ticked` once a second. */
export function watchInventory(db: Inventory, bell: string, on: { changed(): void; ticked(): void }): { stop(): void } {
  let seen = version(db);
  let gathering: NodeJS.Timeout | undefined;
  let stopped = false;

  function look(): void {
    // A ring that was on its way: the inventory may be closed by now.
    if (stopped) return;
    gathering = undefined;
    const present = version(db);
    if (present === seen) return;
    seen = present;
    on.changed();
  }

  const stopListening = listenToBell(bell, () => {
    gathering ??= setTimeout(look, GATHER_MS);
  });
  const poll = setInterval(() => {
    look();
    on.ticked();
  }, POLL_MS);
  return {
    stop() {
      stopped = true;
      clearInterval(poll);
      clearTimeout(gathering);
      stopListening();
    },
  };
}

const version = (db: Inventory): number => Number(db.pragma('data_version', { simple: true }));
