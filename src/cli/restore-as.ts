import { Option } from 'commander';
import { findBackup } from '../db/backups.ts';
import { findPlatform } from '../db/platforms.ts';
import { findSite } from '../db/sites.ts';
import { AegirError } from '../provision/model/errors.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import type { Session } from './session.ts';

/** The option with which `site restore` imports a backup as another site. */
export const asOption = new Option(
  '--as <uri>',
  'Make a new site with this name from the backup instead. The original site does not change, and need not exist any more.',
);

/** The arguments of `site import` for it. Throws `NO_SUCH_OBJECT`, `BACKUP_OTHER_SITE`, `PLATFORM_NEEDED`. */
export function importOf(
  session: Session,
  typed: string,
  { backup: name, platform: wanted }: Record<string, unknown>,
): Record<string, unknown> {
  const { inventory } = session.root();
  const uri = canonicalUri(typed);
  const backup = findBackup(inventory, String(name ?? ''));
  if (!backup) {
    const message = name === undefined ? '--backup is missing' : `there is no backup ${String(name)}`;
    throw new AegirError('NO_SUCH_OBJECT', message, `aegir backup list ${uri} shows its backups.`, 'backup');
  }
  if (backup.uri !== uri) {
    throw new AegirError(
      'BACKUP_OTHER_SITE',
      `${backup.name} is a backup of ${backup.uri}`,
      'Give that site as the argument.',
      'backup',
    );
  }
  const client = findSite(inventory, uri)?.client;
  const platform = wanted ?? codeOf(session, backup);
  return { backup: backup.name, platform, ...(client === undefined ? {} : { client }) };
}

/** The platform on which the backup was made, if it still has the same CMS and version. */
function codeOf(session: Session, backup: { platform: string; engine: string; version: string }): string {
  const made = findPlatform(session.root().inventory, backup.platform);
  if (made && made.engine === backup.engine && made.version === backup.version) return made.name;
  const message = `there is no platform ${backup.platform} with ${backup.engine} ${backup.version} any more`;
  throw new AegirError(
    'PLATFORM_NEEDED',
    message,
    'Give a platform with that version or a newer one: --platform NAME',
    'platform',
  );
}
