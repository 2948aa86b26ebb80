import { join } from 'node:path';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';

/** Where the mails of a site go while its mail is off. */
export const mailLog = (site: SiteContext): string => join(sitePaths(site).tmp, 'mail.log');

/**
 * php.ini settings by which PHP's mail() sends nothing while the mail of a site is off: each mail goes to the end of a
 * file. What talks SMTP itself does not ask it. Throws `CONFIG_VALUE`.
 */
export function mailSettings(site: SiteContext): Record<string, string> {
  if (site.web.mail === 'on') return {};
  const log = mailLog(site);
  if (log.includes("'")) {
    const hint = 'A root without quotes in its path can do it.';
    throw new AegirError('CONFIG_VALUE', `${JSON.stringify(log)} cannot stand in a shell's words`, hint);
  }
  // PHP gives it to a shell, with what the script has added at its end.
  return { sendmail_path: `/bin/cat >>'${log}' #` };
}
