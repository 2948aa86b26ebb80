import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Host } from '../provision/host/host.ts';
import { lastOutput } from '../provision/host/local/exec.ts';
import { runOnTerminal } from '../provision/host/local/on-terminal.ts';
import { type SiteContext, sitePaths } from '../provision/model/context.ts';
import { AegirError, describeError } from '../provision/model/errors.ts';
import { inUse, type Services } from '../provision/services/services.ts';
import { openSite } from './interactive.ts';
import type { Queue } from './queue-access.ts';

/** The outcome of an edit. */
export interface Edited {
  file: string;
  changed: boolean;
  /** True if the change only takes effect after the site is verified. */
  verifyNeeded: boolean;
}

/** Asks the person what to do with a refused file: true to edit it again. */
export type AskToRetry = (why: string) => Promise<boolean>;

/**
 * Opens one of a site's `local.*` files in the person's editor, on the terminal. The person edits a private copy, so
 * the file keeps owner, group and mode whatever the editor does, and root never writes where a site could place a link.
 * A change that PHP or a service refuses is not applied. Throws `NO_SUCH_FILE`, `EDITOR_MISSING`, `EDITOR_FAILED`, and
 * as `execInSite`.
 */
export async function editLocal(queue: Queue, uri: string, named: string, askToRetry: AskToRetry): Promise<Edited> {
  const { services } = queue.program;
  const { host, site } = openSite(queue, uri, 'site.edit');
  const file = await findLocal(host, site, named);
  const before = (await host.readText(file)) ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'aegir-edit-'));
  const copy = join(folder, basename(file));
  try {
    writeFileSync(copy, before, { mode: 0o600 });
    for (;;) {
      await runEditor(host, copy);
      const text = readFileSync(copy, 'utf8');
      if (text === before) return { file, changed: false, verifyNeeded: false };
      const refused = await putInPlace(host, services, site, { file, before, text });
      if (refused === undefined)
        return { file, changed: true, verifyNeeded: driversOf(services, site, file).length > 0 };
      if (!(await askToRetry(refused))) return { file, changed: false, verifyNeeded: false };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The absolute paths of a site's `local.*` files. */
export async function localFiles(host: Host, site: SiteContext): Promise<string[]> {
  const { local, settings } = sitePaths(site);
  const inFolder = async (folder: string): Promise<string[]> =>
    (await host.list(folder)).filter((name) => /^local\.[\w.-]+$/.test(name)).map((name) => join(folder, name));
  return [...(await inFolder(local)), ...(await inFolder(settings))];
}

/** Finds a file by its name or the middle part of it: `pool` is local.pool.conf. */
async function findLocal(host: Host, site: SiteContext, named: string): Promise<string> {
  const files = await localFiles(host, site);
  const found = files.find((file) => basename(file) === named || basename(file).split('.')[1] === named);
  if (found) return found;
  const names = files.map((file) => basename(file).split('.')[1]).join(', ');
  throw new AegirError('NO_SUCH_FILE', `${site.uri} has no local file "${named}"`, `Its local files: ${names}.`);
}

async function runEditor(host: Host, copy: string): Promise<void> {
  const [file = '', ...args] = await editorCommand(host);
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  const code = await runOnTerminal({ file, args: [...args, copy], cwd: '/', env });
  if (code === 0) return;
  throw new AegirError(
    'EDITOR_FAILED',
    `${file} exited with code ${code}; the file was not changed`,
    'See: echo $EDITOR',
  );
}

/** The editor as an argument list, as in `code --wait`. Debian's `editor` is what the administrator has chosen. */
async function editorCommand(host: Host): Promise<string[]> {
  const chosen = (process.env.VISUAL || process.env.EDITOR || '').split(' ').filter(Boolean);
  if (chosen.length > 0) return chosen;
  for (const file of ['/usr/bin/editor', '/usr/bin/nano', '/usr/bin/vim', '/usr/bin/vi']) {
    if (await host.stat(file)) return [file];
  }
  throw new AegirError('EDITOR_MISSING', 'no editor was found', 'Set EDITOR, or: apt install nano');
}

/** The drivers of the services that read the file as configuration. */
const driversOf = (services: Services, { server }: SiteContext, file: string) =>
  inUse(services.forSites(server), server).filter((one) => one.driver.reads(one.server, file));

interface Change {
  file: string;
  before: string;
  text: string;
}

/** Replaces a file; if the change is refused the old file stays. Returns the reason. */
async function putInPlace(
  host: Host,
  services: Services,
  site: SiteContext,
  change: Change,
): Promise<string | undefined> {
  const { file, before, text } = change;
  const wrong = file.endsWith('.php') ? await phpFault(host, services, site, change) : undefined;
  if (wrong !== undefined) return wrong;
  const fact = await host.stat(file);
  const write = (text: string) =>
    host.act('file.write', {
      path: file,
      text,
      group: !host.siteUsers || fact?.gid === 0 ? 'root' : site.handle,
      mode: fact?.mode ?? 0o600,
    });
  await write(text);
  try {
    for (const { driver, server } of driversOf(services, site, file)) await driver.test(host, server);
    return undefined;
  } catch (error) {
    await write(before);
    return describeError(error).message;
  }
}

/** PHP's syntax error in a text; undefined if there is none. PHP may run on another machine, so it reads from stdin. */
async function phpFault(
  host: Host,
  services: Services,
  site: SiteContext,
  { file: edited, text }: Change,
): Promise<string | undefined> {
  const [file = '', ...args] = services.php(site.server).commandLine(site.server);
  const settings = ['-d', 'display_errors=0', '-d', 'log_errors=1', '-d', 'error_log=', '-d', 'html_errors=0'];
  const result = await host.ask({ file, args: [...args, ...settings, '-l'], input: text, timeoutMs: 60_000 });
  return result.code === 0
    ? undefined
    : lastOutput({ ...result, stdout: '' }, 1).replaceAll('Standard input code', basename(edited));
}
