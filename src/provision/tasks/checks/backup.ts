import { byVersion } from '../../model/by-version.ts';
import type { SiteContext } from '../../model/context.ts';
import { describeError } from '../../model/errors.ts';
import type { Problem } from '../../model/work-io.ts';
import { type Manifest, readManifest } from '../model/manifest.ts';
import type { StepIo } from '../model/task.ts';

/** The manifest of a backup; undefined if it cannot be read, which is reported as a problem. */
export async function manifestFor(
  site: SiteContext,
  backup: string,
  io: StepIo,
  problem: Problem,
): Promise<Manifest | undefined> {
  try {
    return await readManifest(io.host, site.server, backup);
  } catch (error) {
    const { code, message, hint } = describeError(error);
    problem(code, message, hint, 'backup');
    return undefined;
  }
}

/**
 * Reports a platform that cannot take the content: it has another CMS, or an older version than `made`, on which `what`
 * was made.
 */
export function checkCode(
  what: string,
  made: { engine: string; version: string },
  platform: { name: string; engine: string; version: string },
  problem: Problem,
): void {
  if (made.engine !== platform.engine) {
    const message = `${what} is of ${made.engine}, ${platform.name} is ${platform.engine}`;
    problem('PLATFORM_UNFIT', message, 'Choose a platform of the same CMS.', 'platform');
  } else if (byVersion(platform.version, made.version) < 0) {
    const message = `${what} is of ${made.engine} ${made.version}, ${platform.name} is ${platform.version}`;
    problem('PLATFORM_OLDER', message, 'Choose a platform of that version or a newer one.', 'platform');
  }
}

/**
 * Reports a backup whose database the site cannot use. `carried`: pairs of drivers between which rows can be copied.
 */
export function checkDatabase(
  { name, databaseDriver }: Manifest,
  site: SiteContext,
  { services }: Pick<StepIo, 'services'>,
  problem: Problem,
  carried: string[] = [],
): void {
  const driver = services.db(site.server).name;
  if (databaseDriver === driver || carried.includes(`${databaseDriver} to ${driver}`)) return;
  const message = `${name} contains a ${databaseDriver} database, which cannot be converted to ${driver}`;
  problem('BACKUP_UNFIT', message, 'Choose another backup, or import it on a server that has it.', 'backup');
}
