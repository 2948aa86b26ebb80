import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { formatBytes } from '../state/text/format.ts';
import { currentActor } from '../worker/actor.ts';
import {
  backupInventory,
  damageOf,
  inventoryBackups,
  nextInventoryBackup,
  savedAtOf,
} from '../worker/inventory-backup.ts';
import { type InventoryRestorePlan, planInventoryRestore, restoreInventory } from '../worker/inventory-restore.ts';
import { addUnknownBackups, planRebuild } from '../worker/rebuild.ts';
import type { Action } from './action.ts';
import { agree } from './agree.ts';
import { sayPlan } from './output.ts';
import type { Session } from './session.ts';

/** `backup inventory [save|list|restore]`: copies of the inventory itself. */
export function inventoryBackupCommands(group: Command, action: Action): void {
  group
    .command('save', { isDefault: true })
    .description('Save the inventory now; the worker does so once a day.')
    .addHelpText('after', '\nExample:\n  aegir backup inventory')
    .action(action(save));
  group
    .command('list')
    .description('List the copies of the inventory, newest first.')
    .addHelpText('after', '\nExample:\n  aegir backup inventory list')
    .action(action(list));
  group
    .command('restore')
    .argument('<name>', 'a copy by its name, or a file by its whole path')
    .description('Put a copy in the place of the inventory; the one of now is saved first.')
    .addHelpText('after', '\nExample:\n  aegir backup inventory restore inventory-20260801T030000Z.sqlite --dry-run')
    .action(action((session, [name = '']) => restore(session, name)));
}

async function save(session: Session): Promise<number> {
  const { inventory, paths } = session.root();
  if (session.options.dryRun) {
    const { file, going } = nextInventoryBackup(paths);
    return sayPlan(session, [`copy the inventory into ${file}`, ...going.map((old) => `remove ${old}`)]);
  }
  const file = await backupInventory(inventory, paths);
  session.out.document({ file, kept: inventoryBackups(paths) });
  session.out.say(`the inventory is in ${file}`);
  return 0;
}

/** Works where the inventory itself is lost. */
function list({ paths, out }: Session): number {
  const copies = inventoryBackups(paths()).map((file) => {
    const damage = damageOf(file);
    return { name: basename(file), savedAt: savedAtOf(file), bytes: statSync(file).size, damage, file };
  });
  out.document(copies);
  if (copies.length === 0) out.say('No copies yet. Make one with: aegir backup inventory');
  else
    out.table(
      ['NAME', 'SAVED', 'SIZE', 'STATE'],
      copies.map((copy) => [copy.name, copy.savedAt, formatBytes(copy.bytes), copy.damage || 'whole']),
    );
  return 0;
}

async function restore(session: Session, name: string): Promise<number> {
  const { options, out } = session;
  const paths = session.paths();
  if (options.dryRun || !options.yes) {
    const plan = await planInventoryRestore(paths, name);
    out.document(plan);
    tell(session, plan);
    if (options.dryRun) return 0;
    await agree(session, {
      asks: 'Replace the inventory by this copy?',
      would: 'the inventory would be replaced',
      no: 'Nothing was changed',
    });
  }
  const asked = { paths, actor: currentActor(), readOnly: options.readOnly };
  const { plan, saved } = await restoreInventory(asked, name);
  const rebuild = await planRebuild(session.queue());
  addUnknownBackups(session.queue(), rebuild);
  const lost = rebuild.sites.map(({ uri }) => uri);
  out.document({ ...plan, saved, inBackups: lost });
  tell(session, plan);
  if (saved) out.say(`What it was before is in ${saved}`);
  if (lost.length > 0)
    out.say(`Of these sites there are backups: ${lost.join(', ')}. See: aegir backup rebuild --dry-run`);
  out.say('It is in place. Next: aegir server verify --wait, which writes everything on this machine by it.');
  return 0;
}

function tell({ out }: Session, plan: InventoryRestorePlan): void {
  const those = (list: string[]): string => list.join(', ') || 'none';
  out.facts([
    ['Copy', plan.file],
    ['Saved', plan.savedAt],
    ...(plan.damaged ? [['Inventory now', plan.damaged] as [string, string]] : []),
    ['Sites that it does not know', those(plan.forgotten)],
    ['Sites that are gone now', those(plan.returning)],
    ['Sites with another release now', those(plan.changed)],
    ['Tasks that were open', those(plan.open.map(({ id, type, object }) => `${id} ${type} ${object}`))],
  ]);
}
