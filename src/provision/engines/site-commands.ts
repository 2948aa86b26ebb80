import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { SYSTEM_PATH } from '../host/local/system-path.ts';
import type { UserCommand } from '../host/root-acts.ts';
import { platformDocroot, type ServerContext, type SiteContext, serverPaths, sitePaths } from '../model/context.ts';
import { mailSettings } from '../services/php/mail.ts';
import type { Services } from '../services/services.ts';
import type { Engines } from './engines.ts';

/** Variables of the person's terminal that a command needs for its output. */
const ofTerminal = /^(TERM|COLORTERM|NO_COLOR|LANG|LC_[A-Z]+|TZ)$/;

/**
 * A command that a person runs in a site: as the site's own user, in the document root of its platform, with the
 * variables by which the CMS and its tools recognise the site, and with the PHP version that serves it as `php`.
 * Without arguments it is a shell.
 */
export async function commandInSite(
  host: Host,
  { engines, services }: { engines: Engines; services: Services },
  site: SiteContext,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<UserCommand> {
  const bin = await publishPhp(host, services, site.server);
  const engine = engines.named(site.platform.engine);
  const { tmp } = sitePaths(site);
  const [file = '', ...args] = command.length > 0 ? command : await shell(host);
  return {
    user: site.handle,
    file,
    args,
    cwd: platformDocroot(site.platform),
    env: {
      ...terminalOf(env),
      ...engine.web(site).params,
      ...engine.tools?.(site, services.served(site)),
      AEGIR_URI: site.uri,
      ...optionsOf(site),
      TMPDIR: tmp,
      // The prompt names the site, since a root shell may be open beside it.
      PS1: `${site.handle}@${site.uri} $ `,
      PATH: [bin, join(site.platform.root, 'vendor/bin'), SYSTEM_PATH].join(':'),
    },
  };
}

/** The prompt of a site's database, as its own user. Throws `CLIENT_MISSING`. */
export async function databasePrompt(
  host: Host,
  services: Services,
  site: SiteContext,
  env: NodeJS.ProcessEnv,
): Promise<UserCommand> {
  const prompt = await services.db(site.server).prompt(host, site);
  return { ...prompt, env: { ...terminalOf(env), ...prompt.env } };
}

/** Options for its `php` while the mail of a site is off. */
function optionsOf(site: SiteContext): Record<string, string> {
  const { sendmail_path: sendmail } = mailSettings(site);
  return sendmail === undefined ? {} : { AEGIR_SENDMAIL: sendmail };
}

const terminalOf = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (ofTerminal.test(name) && value ? [[name, value]] : [])),
  );

/** Bash if installed; without its startup files, which would set another prompt. */
const shell = async (host: Host): Promise<string[]> =>
  (await host.stat('/bin/bash')) ? ['/bin/bash', '--norc', '--noprofile', '-i'] : ['/bin/sh', '-i'];

/** Installs the server's PHP as `php`, since a machine may have several versions. Returns the folder. */
async function publishPhp(host: Host, services: Services, server: ServerContext): Promise<string> {
  const { programs } = serverPaths(server);
  const folder = join(programs, 'bin');
  for (const path of [programs, folder]) {
    await host.act('folder.make', { path, owner: 'root', group: 'root', mode: 0o755 });
  }
  const command = services
    .php(server)
    .commandLine(server)
    .map((argument) => `'${argument.replaceAll("'", "'\\''")}'`);
  await host.act('file.write', {
    path: join(folder, 'php'),
    text: `#!/bin/sh\nexec ${command.join(' ')} ${'$'}{AEGIR_SENDMAIL:+-d "sendmail_path=$AEGIR_SENDMAIL"} "$@"\n`,
    mode: 0o755,
  });
  return folder;
}
