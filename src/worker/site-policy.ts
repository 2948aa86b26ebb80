import { join } from 'node:path';
import { z } from 'zod';
import { configDocument } from '../provision/model/config-file.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';

/** What holds for all sites unless it is said for one; `"sites"` in config.json, in the folder of what people write. */
const sitePolicy = z.strictObject({
  /** Hours between two backups of a new site; 0 for never. */
  backupHours: z.int().min(0).max(8760).default(0),
  /** How many of those are kept. */
  backupsKept: z.int().min(1).max(1000).default(7),
  /** Whether a site is saved before it is deleted: `ask` leaves it to who deletes it. */
  backupBeforeDelete: z.enum(['always', 'ask', 'never']).default('ask'),
});
export type SitePolicy = z.infer<typeof sitePolicy>;

/** Reads it; what is not there is as it is by default. Throws `CONFIG_INVALID` with file, name and value. */
export function readSitePolicy({ etc }: Pick<RootPaths, 'etc'>): SitePolicy {
  const file = join(etc, 'config.json');
  const parsed = z.object({ sites: sitePolicy.prefault({}) }).safeParse(configDocument(file));
  if (parsed.success) return parsed.data.sites;
  const [issue] = parsed.error.issues;
  const what = `${file}: "${issue?.path.join('.')}": ${issue?.message}`;
  throw new AegirError('CONFIG_INVALID', what, `There is: ${Object.keys(sitePolicy.shape).join(', ')}.`);
}
