import { join } from 'node:path';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';

/** Where the mail of a site goes while its mail is off. */
export const mailLog = (site: SiteContext): string => join(sitePaths(site).tmp, 'mail.log');

/**
 * php.ini settings with which PHP's mail() sends nothing while the mail of a site is off: each message is appended to a
 * file. Code that uses SMTP directly is not affected. Throws `CONFIG_VALUE`.
 */
export function mailSettings(site: SiteContext): Record<string, string> {
  if (site.web.mail === 'on') return {};
  const log = mailLog(site);
  if (log.includes("'")) {
    const hint = 'Use a root folder without quotes in its path.';
    throw new AegirError('CONFIG_VALUE', `${JSON.stringify(log)} cannot be written into a shell command`, hint);
  }
  // PHP runs this in a shell, with arguments of the script appended.
  return { sendmail_path: `/bin/cat >>'${log}' #` };
}
