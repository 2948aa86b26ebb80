import { join } from 'node:path';
import { z } from 'zod';
import { configDocument } from '../provision/model/config-file.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import '../provision/model/schema-messages.ts';

/** Defaults for all sites; `"sites"` in config.json of the settings folder. */
const sitePolicy = z.strictObject({
  /** Hours between scheduled backups of a new site; 0 for none. */
  backupHours: z.int().min(0).max(8760).default(0),
  /** How many of those are kept. */
  backupsKept: z.int().min(1).max(1000).default(7),
  /** Whether a site is backed up before it is deleted: `ask` leaves it to the person who deletes it. */
  backupBeforeDelete: z.enum(['always', 'ask', 'never']).default('ask'),
});
export type SitePolicy = z.infer<typeof sitePolicy>;

/** Reads the policy; missing values are the defaults. Throws `CONFIG_INVALID` with file, name and value. */
export function readSitePolicy({ etc }: Pick<RootPaths, 'etc'>): SitePolicy {
  const file = join(etc, 'config.json');
  const document = configDocument(file);
  const parsed = z.object({ sites: sitePolicy.prefault({}) }).safeParse(document);
  if (parsed.success) return parsed.data.sites;
  const [issue] = parsed.error.issues;
  const value = JSON.stringify(issue?.path.reduce<unknown>((part, key) => Object(part)[key], document));
  const what = `${file}: "${issue?.path.join('.')}" is ${value}: ${issue?.message}`;
  throw new AegirError('CONFIG_INVALID', what, `Known names: ${Object.keys(sitePolicy.shape).join(', ')}.`);
}
