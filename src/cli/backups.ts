import type { Command } from 'commander';
import { type BackupRow, listBackups } from '../db/backups.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import { formatBytes } from '../state/text/format.ts';
import {
  checkBackup,
  deleteBackup,
  exportableBackup,
  exportBackup,
  importBackup,
  removableBackup,
  showBackup,
} from '../worker/backups.ts';
import { type Rotation, readRotation } from '../worker/rotation.ts';
import type { Action } from './action.ts';
import { askConfirmation } from './confirmation.ts';
import { inventoryBackupCommands } from './inventory-backups.ts';
import { printPlan } from './output.ts';
import { SAMPLE_BACKUP } from './sample-backup.ts';
import type { Session } from './session.ts';

/** `backup list|show|check|export|import|rebuild|inventory …|delete`; `site backup` and `site restore` are tasks. */
export function backupCommands(group: Command, action: Action): void {
  group
    .command('list')
    .argument('[uri]', 'list the backups of one site only')
    .description('List the backups, newest first.')
    .addHelpText('after', '\nExample:\n  aegir backup list shop.example.org')
    .action(action((session, [uri]) => list(session, uri)));
  group
    .command('show')
    .argument('<name>', 'the backup')
    .description('Show the contents of a backup.')
    .addHelpText('after', `\nExample:\n  aegir backup show ${SAMPLE_BACKUP}`)
    .action(action((session, [name = '']) => show(session, name)));
  group
    .command('check')
    .argument('<name>', 'the backup')
    .description('Read a whole backup and verify its checksums.')
    .addHelpText('after', `\nExample:\n  aegir backup check ${SAMPLE_BACKUP}`)
    .action(
      action(async (session, [name = '']) => {
        await checkBackup(session.queue(), name);
        session.out.document({ name, state: 'whole' });
        session.out.say(`${name} is intact`);
        return 0;
      }),
    );
  group
    .command('export')
    .argument('<name>', 'the backup')
    .argument('<file>', 'the archive file to write')
    .description('Export a backup as one file.')
    .addHelpText('after', `\nExample:\n  aegir backup export ${SAMPLE_BACKUP} shop.tar`)
    .action(
      action(async (session, [name = '', file = '']) => {
        if (session.options.dryRun) {
          const { row, folder } = await exportableBackup(session.queue(), name, file);
          return printPlan(session, [`write ${folder} (${formatBytes(row.bytes)}) as the archive ${file}`]);
        }
        await exportBackup(session.queue(), name, file);
        session.out.document({ name, file });
        session.out.say(`${name} was exported to ${file}; on the other machine: aegir backup import ${file}`);
        return 0;
      }),
    );
  group
    .command('import')
    .argument('<file>', 'an archive made by backup export')
    .description('Import a backup from another machine or a trial.')
    .addHelpText('after', '\nExample:\n  aegir backup import shop.tar')
    .action(
      action(async (session, [file = '']) => {
        const name = await importBackup(session.queue(), file);
        session.out.document({ name });
        session.out.say(`imported ${name}; next: aegir site import URI --backup ${name} --platform NAME --wait`);
        return 0;
      }),
    );
  group
    .command('rebuild')
    .description('Recreate missing platforms and sites from the backups on this machine.')
    .option('--sites <uris>', 'only these sites, separated by commas')
    .addHelpText('after', '\nExample:\n  aegir backup rebuild --dry-run')
    .action(action(async (session, _args, values) => (await import('./rebuild.ts')).rebuild(session, values)));
  inventoryBackupCommands(group.command('inventory').description('Backups of the inventory itself.'), action);
  group
    .command('delete')
    .argument('<name>', 'the backup')
    .description('Delete a backup.')
    .addHelpText('after', `\nExample:\n  aegir backup delete ${SAMPLE_BACKUP} --yes`)
    .action(action((session, [name = '']) => remove(session, name)));
}

function list({ root, out }: Session, uri: string | undefined): number {
  const { inventory } = root();
  const of = uri === undefined ? undefined : canonicalUri(uri);
  const backups = listBackups(inventory, of);
  const rotation = readRotation(inventory, of);
  const replaced = new Set(rotation.goNext);
  out.document(backups.map((backup) => ({ ...backup, goesNext: replaced.has(backup.name) })));
  if (backups.length === 0) out.say('No backups yet. Make one with: aegir site backup URI --wait');
  else
    out.table(
      ['NAME', 'SIZE', 'VERSION', 'STAYS', 'DESCRIPTION'],
      backups.map((backup) => [
        backup.name,
        formatBytes(backup.bytes),
        `${backup.engine} ${backup.version}`,
        replaced.has(backup.name) ? 'until the next one' : keptUntil(backup),
        backup.description,
      ]),
    );
  printNextBackup(out, rotation);
  return 0;
}

function printNextBackup(out: Session['out'], { due }: Rotation): void {
  const [soonest] = due;
  if (!soonest) return;
  const others = due.length > 1 ? `; ${due.length} sites have scheduled backups` : '';
  out.say(`next scheduled backup: ${soonest.uri} at ${soonest.at}${others}`);
}

/** How long a backup is kept. */
const keptUntil = ({ kind }: BackupRow): string =>
  kind === 'kept' ? 'until deleted' : kind === 'rotating' ? 'until newer ones replace it' : 'for a while';

async function show(session: Session, name: string): Promise<number> {
  const { row, manifest, folder } = await showBackup(session.queue(), name);
  // The settings contain secret keys, so only their names are shown.
  const { settings, local, ...shown } = manifest;
  session.out.document({
    ...row,
    folder,
    manifest: { ...shown, settings: Object.keys(settings), local: Object.keys(local) },
  });
  session.out.facts([
    ['Backup', row.name],
    ['Site', row.uri],
    ['Created', row.createdAt],
    ['Description', row.description],
    ['Code', `${row.engine} ${row.version} (platform ${row.platform})`],
    ['Database', `${manifest.databaseDriver}, ${formatBytes(manifest.database.bytes)}`],
    ['Files', formatBytes(manifest.files.bytes)],
    ['Packages', manifest.packages.map(({ name: one, version }) => `${one} ${version}`.trim()).join(', ') || '-'],
    ['Stored', formatBytes(row.bytes)],
    ['Folder', folder],
  ]);
  return 0;
}

async function remove(session: Session, name: string): Promise<number> {
  if (session.options.dryRun) {
    const { row, folder } = removableBackup(session.queue(), name);
    return printPlan(session, [
      `remove ${folder} (${formatBytes(row.bytes)})`,
      `remove the backup ${name} of ${row.uri} from the inventory`,
    ]);
  }
  if (session.options.confirm !== name)
    await askConfirmation(session, {
      question: `Delete the backup ${name}?`,
      consequence: `the backup ${name} would be deleted`,
      declined: 'Nothing was deleted',
    });
  await deleteBackup(session.queue(), name);
  session.out.document({ name, state: 'deleted' });
  session.out.say(`${name} was deleted`);
  return 0;
}
