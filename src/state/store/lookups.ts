import { listBatchIds } from '../../db/batches.ts';
import type { Inventory } from '../../db/inventory.ts';
import { findSite } from '../../db/sites.ts';
import type { Json } from '../../provision/model/errors.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import { localFileWords } from '../commands/local-files.ts';
import { paletteEntries } from '../dialogs/palette.ts';
import { namesIn, platformsLike, takenBy } from '../forms/lookups.ts';
import { meaningOf, presentAnswers } from '../forms/present.ts';
import type { NamesBeginning } from '../model/dialog.ts';
import type { ConsoleState } from '../model/state.ts';

/**
 * What actions and dialogs ask the inventory beside the state. `db` gives undefined where there is none, on a machine that
 * is not set up: then nothing is known.
 */
export function makeLookups(db: () => Inventory | undefined, getState: () => ConsoleState, paths: RootPaths) {
  const ask = <T>(question: (db: Inventory) => T, none: T): T => {
    const inventory = db();
    return inventory ? question(inventory) : none;
  };
  const namesBeginning: NamesBeginning = (takes, begun) => ask((inventory) => namesIn(inventory, takes, begun), []);
  return {
    namesBeginning,
    present: (type: string, name: string) => ask((inventory) => presentAnswers(inventory, type, name), {}),
    meaning: (type: string, name: string, args: Readonly<Record<string, Json>>) =>
      ask((inventory) => meaningOf(inventory, type, name, args), []),
    nameTaken: (kind: string, name: string) => ask((inventory) => takenBy(inventory, kind, name), undefined),
    localFiles(uri: string): string[] {
      const site = ask((inventory) => findSite(inventory, uri), undefined);
      return site ? localFileWords(paths, site) : [];
    },
    otherPlatforms: (name: string) => ask((inventory) => platformsLike(inventory, name), []),
    batchesLike: (begun: string) => ask((inventory) => listBatchIds(inventory, begun, 2), []),
    paletteEntries: () => paletteEntries(getState(), db()),
  };
}
