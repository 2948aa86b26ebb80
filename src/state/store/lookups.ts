import { listBatchIds } from '../../db/batches.ts';
import type { Inventory } from '../../db/inventory.ts';
import { findSite } from '../../db/sites.ts';
import type { ObjectKind } from '../../db/tasks.ts';
import type { Reads } from '../../provision/host/host.ts';
import type { Json } from '../../provision/model/errors.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import type { RootFiles } from '../../worker/open-root.ts';
import { localFileWords } from '../commands/local-files.ts';
import { paletteEntries } from '../dialogs/palette.ts';
import { platformsLike, takenBy } from '../forms/lookups.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { NamesBeginning } from '../model/dialog.ts';
import type { ConsoleState } from '../model/state.ts';

/**
 * What actions and dialogs ask the inventory beside the state. `db` gives undefined where there is none, on a machine that
 * is not set up: then nothing is known.
 */
export function makeLookups(
  db: () => Inventory | undefined,
  getState: () => ConsoleState,
  { paths, machine }: { paths: RootPaths; machine: Reads },
) {
  const ask = <T>(question: (db: Inventory) => T, none: T): T => {
    const inventory = db();
    return inventory ? question(inventory) : none;
  };
  const askTypes = <T>(question: (types: TaskCatalogue, files: RootFiles) => T, none: T): T => {
    const [inventory, { catalogue }] = [db(), getState()];
    return inventory && catalogue ? question(catalogue, { inventory, paths }) : none;
  };
  const namesBeginning: NamesBeginning = (takes, begun) => {
    const names = [...getState().registry.pages.values()].find((page) => page.names?.of === takes)?.names;
    return names ? ask((inventory) => names.read(inventory, begun), []) : [];
  };
  return {
    namesBeginning,
    /** Nothing can be queued before the task types are loaded, and nothing is refused. */
    refusal: (type: string, kind: ObjectKind, name: string) =>
      askTypes((types, files) => types.refusal(files, type, kind, name), undefined),
    present: (type: string, name: string) => askTypes((types, files) => types.present(files, type, name), {}),
    meaning: (type: string, name: string, args: Readonly<Record<string, Json>>) =>
      askTypes((types, files) => types.meaning(files, type, name, args), []),
    nameTaken: (kind: string, name: string) => ask((inventory) => takenBy(inventory, kind, name), undefined),
    async localFiles(uri: string): Promise<string[]> {
      const site = ask((inventory) => findSite(inventory, uri), undefined);
      return site ? localFileWords(machine, paths, site) : [];
    },
    otherPlatforms: (name: string) => ask((inventory) => platformsLike(inventory, name), []),
    batchesLike: (begun: string) => ask((inventory) => listBatchIds(inventory, begun, 2), []),
    paletteEntries: () => paletteEntries(getState(), db()),
  };
}
