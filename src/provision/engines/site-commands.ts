import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { SYSTEM_PATH } from '../host/local/system-path.ts';
import type { UserCommand } from '../host/root-acts.ts';
import { platformDocroot, type ServerContext, type SiteContext, serverPaths, sitePaths } from '../model/context.ts';
import { mailSettings } from '../services/php/mail.ts';
import { phpDriver } from '../services/php/php-driver.ts';
import { dbDriver } from '../services/registry.ts';
import { engineNamed } from './registry.ts';

/** Variables of the person's terminal that a command needs to draw on it. */
const ofTerminal = /^(TERM|COLORTERM|NO_COLOR|LANG|LC_[A-Z]+|TZ)$/;

/**
 * A command of a person in a site: as the site's own user, in the web server's root of its platform, with the
 * variables by which the CMS and its tools know which site is meant, and `php` the one that serves it. Without words it
 * is a shell.
 */
export async function commandInSite(
  host: Host,
  site: SiteContext,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<UserCommand> {
  const bin = await publishPhp(host, site.server);
  const engine = engineNamed(site.platform.engine);
  const { tmp } = sitePaths(site);
  const [file = '', ...args] = words.length > 0 ? words : await shell(host);
  return {
    user: site.handle,
    file,
    args,
    cwd: platformDocroot(site.platform),
    env: {
      ...terminalOf(env),
      ...engine.web(site).params,
      ...engine.tools?.(site),
      AEGIR_URI: site.uri,
      ...optionsOf(site),
      TMPDIR: tmp,
      // A shell's prompt says where one is, as one of root's may be open beside it.
      PS1: `${site.handle}@${site.uri} $ `,
      PATH: [bin, join(site.platform.root, 'vendor/bin'), SYSTEM_PATH].join(':'),
    },
  };
}

/** The prompt of a site's database, as its own user. Throws `CLIENT_MISSING`. */
export async function databasePrompt(host: Host, site: SiteContext, env: NodeJS.ProcessEnv): Promise<UserCommand> {
  const words = await dbDriver(site.server).prompt(host, site);
  return { ...words, env: { ...terminalOf(env), ...words.env } };
}

/** What its `php` is told while the mail of a site is off. */
function optionsOf(site: SiteContext): Record<string, string> {
  const { sendmail_path: sendmail } = mailSettings(site);
  return sendmail === undefined ? {} : { AEGIR_SENDMAIL: sendmail };
}

const terminalOf = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (ofTerminal.test(name) && value ? [[name, value]] : [])),
  );

/** Bash where there is one; without its files, which would set another prompt. */
const shell = async (host: Host): Promise<string[]> =>
  (await host.stat('/bin/bash')) ? ['/bin/bash', '--norc', '--noprofile', '-i'] : ['/bin/sh', '-i'];

/** Puts the server's PHP where it is found as `php`: a machine may have several. Gives the folder. */
async function publishPhp(host: Host, server: ServerContext): Promise<string> {
  const { programs } = serverPaths(server);
  const folder = join(programs, 'bin');
  for (const path of [programs, folder]) {
    await host.act('folder.make', { path, owner: 'root', group: 'root', mode: 0o755 });
  }
  const words = phpDriver(server)
    .commandLine(server)
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  await host.act('file.write', {
    path: join(folder, 'php'),
    text: `#!/bin/sh\nexec ${words.join(' ')} ${'$'}{AEGIR_SENDMAIL:+-d "sendmail_path=$AEGIR_SENDMAIL"} "$@"\n`,
    mode: 0o755,
  });
  return folder;
}
