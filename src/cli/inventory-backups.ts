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
import { askConfirmation } from './confirmation.ts';
import { printPlan } from './output.ts';
import type { Session } from './session.ts';

/** `backup inventory [save|list|restore]`: backups of the inventory itself. */
export function inventoryBackupCommands(group: Command, action: Action): void {
  group
    .command('save', { isDefault: true })
    .description('Back up the inventory now; the worker does so once a day.')
    .addHelpText('after', '\nExample:\n  aegir backup inventory')
    .action(action(save));
  group
    .command('list')
    .description('List the backups of the inventory, newest first.')
    .addHelpText('after', '\nExample:\n  aegir backup inventory list')
    .action(action(list));
  group
    .command('restore')
    .argument('<name>', 'the name of a backup, or the full path of a file')
    .description('Replace the inventory by a backup; the current inventory is backed up first.')
    .addHelpText('after', '\nExample:\n  aegir backup inventory restore inventory-20260801T030000Z.sqlite --dry-run')
    .action(action((session, [name = '']) => restore(session, name)));
}

async function save(session: Session): Promise<number> {
  const { inventory, paths } = session.root();
  if (session.options.dryRun) {
    const { file, going } = nextInventoryBackup(paths);
    return printPlan(session, [`copy the inventory into ${file}`, ...going.map((old) => `remove ${old}`)]);
  }
  const file = await backupInventory(inventory, paths);
  session.out.document({ file, kept: inventoryBackups(paths) });
  session.out.say(`the inventory was saved to ${file}`);
  return 0;
}

/** Lists the backups. Works without an inventory. */
function list({ paths, out }: Session): number {
  const copies = inventoryBackups(paths()).map((file) => {
    const damage = damageOf(file);
    return { name: basename(file), savedAt: savedAtOf(file), bytes: statSync(file).size, damage, file };
  });
  out.document(copies);
  if (copies.length === 0) out.say('No backups yet. Make one with: aegir backup inventory');
  else
    out.table(
      ['NAME', 'SAVED', 'SIZE', 'STATE'],
      copies.map((copy) => [copy.name, copy.savedAt, formatBytes(copy.bytes), copy.damage || 'intact']),
    );
  return 0;
}

async function restore(session: Session, name: string): Promise<number> {
  const { options, out } = session;
  const paths = session.paths();
  if (options.dryRun || !options.yes) {
    const plan = await planInventoryRestore(paths, name);
    out.document(plan);
    printRestorePlan(session, plan);
    if (options.dryRun) return 0;
    await askConfirmation(session, {
      question: 'Replace the inventory by this backup?',
      consequence: 'the inventory would be replaced',
      declined: 'Nothing was changed',
    });
  }
  const asked = { paths, actor: currentActor(), readOnly: options.readOnly };
  const { plan, saved } = await restoreInventory(asked, name);
  const rebuild = await planRebuild(session.queue());
  addUnknownBackups(session.queue(), rebuild);
  const lost = rebuild.sites.map(({ uri }) => uri);
  out.document({ ...plan, saved, inBackups: lost });
  printRestorePlan(session, plan);
  if (saved) out.say(`The inventory before the restore is in ${saved}`);
  if (lost.length > 0)
    out.say(`These missing sites have backups: ${lost.join(', ')}. See: aegir backup rebuild --dry-run`);
  out.say('The inventory is restored. Next: aegir server verify --wait, which rewrites all configuration from it.');
  return 0;
}

function printRestorePlan({ out }: Session, plan: InventoryRestorePlan): void {
  const listOrNone = (list: string[]): string => list.join(', ') || 'none';
  out.facts([
    ['Backup', plan.file],
    ['Saved', plan.savedAt],
    ...(plan.damaged ? [['Inventory now', plan.damaged] as [string, string]] : []),
    ['Sites that are not in it', listOrNone(plan.forgotten)],
    ['Sites that no longer exist', listOrNone(plan.returning)],
    ['Sites with another release since', listOrNone(plan.changed)],
    ['Tasks that were open then', listOrNone(plan.open.map(({ id, type, object }) => `${id} ${type} ${object}`))],
  ]);
}
