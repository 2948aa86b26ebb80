import { join } from 'node:path';
import { z } from 'zod';
import type { ActOptions, Host } from '../../host/host.ts';
import { together } from '../../host/together.ts';
import { oneLine } from '../../model/clean-text.ts';
import { packageInfo, phpLimits, type ServerContext, serverPaths, siteSchedule, siteWeb } from '../../model/context.ts';
import { AegirError, wholeMessage } from '../../model/errors.ts';

/** The version of the manifest's format. */
const FORMAT = 1;

/** One of the two files of a backup. */
export const savedPart = z.object({
  /** Uncompressed size; `fileBytes` is the size as stored. */
  bytes: z.number(),
  fileBytes: z.number(),
  sha256: z.string(),
});

/** `manifest.json` of a backup: everything needed to recreate the site on any machine. */
export const manifestSchema = z.object({
  format: z.literal(FORMAT),
  name: z.string(),
  createdAt: z.string(),
  description: z.string(),
  site: z.object({
    uri: z.string(),
    aliases: z.array(z.string()),
    title: z.string(),
    profile: z.string(),
    language: z.string(),
    client: z.string(),
    /** When the site was created (ISO 8601 UTC): with its home this identifies the site, whatever its name is. */
    createdAt: z.string().default(''),
    admin: z.object({ name: z.string(), mail: z.string() }),
    php: phpLimits,
    web: siteWeb,
    /** The home it had, which its content may mention. */
    home: z.string(),
    url: z.string(),
  }),
  platform: z.object({ name: z.string(), engine: z.string(), version: z.string(), source: z.string() }),
  databaseDriver: z.string(),
  packages: z.array(packageInfo),
  database: savedPart,
  files: savedPart,
  /** Settings files that cannot be generated again: keys, salts, people's own lines. */
  settings: z.record(z.string(), z.string()),
  /** People's own files for vhost and pool. */
  local: z.record(z.string(), z.string()).default({}),
  /** Missing in backups of older versions of the program. */
  schedules: z.array(siteSchedule).optional(),
  /** Imported from elsewhere: parts that would run with root's rights are not trusted. */
  foreign: z.boolean().default(false),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The absolute paths of a backup's files. */
export interface BackupPaths {
  folder: string;
  manifest: string;
  database: string;
  files: string;
}

/** The paths of a backup by its name. */
export function backupPaths(server: ServerContext, name: string): BackupPaths {
  const folder = join(serverPaths(server).backups, name);
  const within = (file: string): string => join(folder, file);
  return {
    folder,
    manifest: within('manifest.json'),
    database: within('database.zst'),
    files: within('files.tar.zst'),
  };
}

/** Reads the manifest of a backup. Throws `BACKUP_MISSING`, `BACKUP_DAMAGED`, `BACKUP_NEWER`. */
export async function readManifest(host: Host, server: ServerContext, name: string): Promise<Manifest> {
  const { manifest } = backupPaths(server, name);
  const text = await host.readText(manifest);
  if (text === undefined) {
    throw new AegirError(
      'BACKUP_MISSING',
      `there is no backup ${name}`,
      'aegir backup list shows what there is.',
      'backup',
    );
  }
  try {
    const document: unknown = JSON.parse(text);
    refuseNewer(document, manifest);
    return manifestSchema.parse(document);
  } catch (error) {
    if (error instanceof AegirError) throw error;
    const why = oneLine(wholeMessage(error));
    throw new AegirError('BACKUP_DAMAGED', `${manifest} cannot be read: ${why}`, 'Use another backup.', 'backup');
  }
}

/** Reads a whole backup and checks every file in it. Throws `BACKUP_DAMAGED`, `BACKUP_UNSAFE`. */
export async function readBack(
  host: Host,
  paths: BackupPaths,
  { database, files }: Pick<Manifest, 'database' | 'files'>,
  live: ActOptions = {},
): Promise<void> {
  await together(live, [
    (each) => host.act('stream.check', { from: paths.database, sha256: database.sha256 }, each),
    (each) => host.act('stream.check', { from: paths.files, sha256: files.sha256, entries: true }, each),
  ]);
}

function refuseNewer(document: unknown, file: string): void {
  const found = z.object({ format: z.number() }).safeParse(document);
  if (!found.success || found.data.format <= FORMAT) return;
  const message = `${file} has format ${found.data.format}, this program knows up to ${FORMAT}`;
  throw new AegirError(
    'BACKUP_NEWER',
    message,
    'Use a newer version of aegir, such as the one that made it.',
    'backup',
  );
}
