import { Option } from 'commander';
import { findBackup } from '../db/backups.ts';
import { findPlatform } from '../db/platforms.ts';
import { findSite } from '../db/sites.ts';
import { AegirError } from '../provision/model/errors.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import type { Session } from './session.ts';

/** What makes of `site restore` the import of a backup as another site, which leaves the first as it is. */
export const asOption = new Option(
  '--as <uri>',
  'Make a new site of the backup under this name instead; the site itself stays as it is, and may be gone.',
);

/** The arguments of such an import. Throws `NO_SUCH_OBJECT`, `BACKUP_OTHER_SITE`, `PLATFORM_NEEDED`. */
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
    throw new AegirError('NO_SUCH_OBJECT', message, `aegir backup list ${uri} shows them.`, 'backup');
  }
  if (backup.uri !== uri) {
    throw new AegirError(
      'BACKUP_OTHER_SITE',
      `${backup.name} is a backup of ${backup.uri}`,
      'Name that site.',
      'backup',
    );
  }
  const client = findSite(inventory, uri)?.client;
  const platform = wanted ?? codeOf(session, backup);
  return { backup: backup.name, platform, ...(client === undefined ? {} : { client }) };
}

/** The platform that it was made on, where that is still as it was. */
function codeOf(session: Session, backup: { platform: string; engine: string; version: string }): string {
  const made = findPlatform(session.root().inventory, backup.platform);
  if (made && made.engine === backup.engine && made.version === backup.version) return made.name;
  const message = `there is no platform ${backup.platform} with ${backup.engine} ${backup.version} any more`;
  throw new AegirError(
    'PLATFORM_NEEDED',
    message,
    'Name one of that version or a newer one: --platform NAME',
    'platform',
  );
}
