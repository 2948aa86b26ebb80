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
import { agree } from './agree.ts';
import { inventoryBackupCommands } from './inventory-backups.ts';
import { sayPlan } from './output.ts';
import { SAMPLE_BACKUP } from './sample-backup.ts';
import type { Session } from './session.ts';

/** `backup list|show|check|export|import|rebuild|inventory …|delete`; `site backup` and `site restore` are tasks. */
export function backupCommands(group: Command, action: Action): void {
  group
    .command('list')
    .argument('[uri]', 'of one site')
    .description('List the backups, newest first.')
    .addHelpText('after', '\nExample:\n  aegir backup list shop.example.org')
    .action(action((session, [uri]) => list(session, uri)));
  group
    .command('show')
    .argument('<name>', 'the backup')
    .description('Show what a backup holds.')
    .addHelpText('after', `\nExample:\n  aegir backup show ${SAMPLE_BACKUP}`)
    .action(action((session, [name = '']) => show(session, name)));
  group
    .command('check')
    .argument('<name>', 'the backup')
    .description('Read all of a backup back and compare its sums.')
    .addHelpText('after', `\nExample:\n  aegir backup check ${SAMPLE_BACKUP}`)
    .action(
      action(async (session, [name = '']) => {
        await checkBackup(session.queue(), name);
        session.out.document({ name, state: 'whole' });
        session.out.say(`${name} is whole`);
        return 0;
      }),
    );
  group
    .command('export')
    .argument('<name>', 'the backup')
    .argument('<file>', 'the archive that is written')
    .description('Write a backup as one file.')
    .addHelpText('after', `\nExample:\n  aegir backup export ${SAMPLE_BACKUP} shop.tar`)
    .action(
      action(async (session, [name = '', file = '']) => {
        if (session.options.dryRun) {
          const { row, folder } = await exportableBackup(session.queue(), name, file);
          return sayPlan(session, [`write ${folder} (${formatBytes(row.bytes)}) as the archive ${file}`]);
        }
        await exportBackup(session.queue(), name, file);
        session.out.document({ name, file });
        session.out.say(`${name} is in ${file}; elsewhere: aegir backup import ${file}`);
        return 0;
      }),
    );
  group
    .command('import')
    .argument('<file>', 'an archive of backup export')
    .description('Take in a backup of another machine, or of a trial.')
    .addHelpText('after', '\nExample:\n  aegir backup import shop.tar')
    .action(
      action(async (session, [file = '']) => {
        const name = await importBackup(session.queue(), file);
        session.out.document({ name });
        session.out.say(`took in ${name}; next: aegir site import URI --backup ${name} --platform NAME --wait`);
        return 0;
      }),
    );
  group
    .command('rebuild')
    .description('Make platforms and sites again that only the backups of this machine know.')
    .option('--sites <uris>', 'only these, with commas between')
    .addHelpText('after', '\nExample:\n  aegir backup rebuild --dry-run')
    .action(action(async (session, _words, values) => (await import('./rebuild.ts')).rebuild(session, values)));
  inventoryBackupCommands(group.command('inventory').description('Copies of the inventory itself.'), action);
  group
    .command('delete')
    .argument('<name>', 'the backup')
    .description('Remove a backup.')
    .addHelpText('after', `\nExample:\n  aegir backup delete ${SAMPLE_BACKUP} --yes`)
    .action(action((session, [name = '']) => remove(session, name)));
}

function list({ root, out }: Session, uri: string | undefined): number {
  const { inventory } = root();
  const of = uri === undefined ? undefined : canonicalUri(uri);
  const backups = listBackups(inventory, of);
  const rotation = readRotation(inventory, of);
  const goes = new Set(rotation.goNext);
  out.document(backups.map((backup) => ({ ...backup, goesNext: goes.has(backup.name) })));
  if (backups.length === 0) out.say('No backups yet. Make one with: aegir site backup URI --wait');
  else
    out.table(
      ['NAME', 'SIZE', 'VERSION', 'STAYS', 'DESCRIPTION'],
      backups.map((backup) => [
        backup.name,
        formatBytes(backup.bytes),
        `${backup.engine} ${backup.version}`,
        goes.has(backup.name) ? 'until the next one' : stays(backup),
        backup.description,
      ]),
    );
  sayDue(out, rotation);
  return 0;
}

function sayDue(out: Session['out'], { due }: Rotation): void {
  const [soonest] = due;
  if (!soonest) return;
  const others = due.length > 1 ? `; by schedule ${due.length} sites are saved` : '';
  out.say(`next by schedule: ${soonest.uri} at ${soonest.at}${others}`);
}

/** For how long a backup stays. */
const stays = ({ kind }: BackupRow): string =>
  kind === 'kept' ? 'until deleted' : kind === 'rotating' ? 'until newer ones come' : 'for a while';

async function show(session: Session, name: string): Promise<number> {
  const { row, manifest, folder } = await showBackup(session.queue(), name);
  // Keys are in it, which are nobody's to read over a shoulder.
  const { settings, local, ...told } = manifest;
  session.out.document({
    ...row,
    folder,
    manifest: { ...told, settings: Object.keys(settings), local: Object.keys(local) },
  });
  session.out.facts([
    ['Backup', row.name],
    ['Site', row.uri],
    ['Made', row.createdAt],
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
    return sayPlan(session, [
      `remove ${folder} (${formatBytes(row.bytes)})`,
      `forget the backup ${name} of ${row.uri}`,
    ]);
  }
  if (session.options.confirm !== name)
    await agree(session, {
      asks: `Remove the backup ${name}?`,
      would: `${name} would be lost`,
      no: 'Nothing was removed',
    });
  await deleteBackup(session.queue(), name);
  session.out.document({ name, state: 'deleted' });
  session.out.say(`${name} is deleted`);
  return 0;
}
