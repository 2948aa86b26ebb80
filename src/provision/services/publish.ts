import { type FileBefore, filesBefore, restoreFiles, writeFiles } from '../host/change-files.ts';
import type { Host } from '../host/host.ts';
import type { ServerContext } from '../model/context.ts';
import { AegirError } from '../model/errors.ts';
import type { GeneratedFile } from '../model/generated-file.ts';
import { reload, revive } from './reload.ts';
import type { SiteServiceDriver } from './service.ts';
import type { Placed, Services } from './services.ts';

/** A change of the web server's and PHP's configuration: files to write and paths to remove. */
export interface ConfigChange {
  write: GeneratedFile[];
  remove: string[];
  /** Reload even if no file differs: a crashed worker may have written the files without a reload. */
  always?: boolean;
}

/** Where a change is published. */
export interface PublishIo {
  host: Host;
  services: Services;
}

/** Receives warnings of operations that succeeded. */
export type Warn = (text: string) => void;

/** The present state of the files that a change would replace, for the journal. Empty if nothing would change. */
export const configBefore = (host: Host, { write, remove }: ConfigChange): Promise<FileBefore[]> =>
  filesBefore(host, write, remove);

/**
 * Writes a change, tests the whole configuration of web server and PHP once, and reloads each once if a file that it
 * reads has changed; waits until the new configuration is in effect. If a test or reload fails, all files are restored.
 * A service that is down is only tested: it reads its files when it starts. `warn` receives the daemons' warnings. Call
 * it under the `web` lock. Throws `CONFIG_REFUSED`, `RELOAD_FAILED`.
 *
 * A change that only removes files is never undone, and always reloads: it follows from the inventory, and an earlier
 * attempt may have been interrupted in between.
 */
export async function publish(
  { host, services }: PublishIo,
  server: ServerContext,
  change: ConfigChange,
  before: FileBefore[],
  warn: Warn = () => {},
): Promise<void> {
  const removalOnly = change.write.length === 0;
  const changed = [...before.map(({ path }) => path), ...(await editedFiles(host, change.write))];
  await writeFiles(host, change.write);
  for (const path of change.remove) await host.act('file.remove', { path });
  const all = services.forSites(server);
  const readers = all.filter(
    (one) => removalOnly || change.always || changed.some((path) => one.driver.reads(one.server, path)),
  );
  if (readers.length === 0) return;
  // Every PHP reads people's own lines, whichever serves the site.
  const written = change.write.filter(({ once }) => !once).map(({ path }) => path);
  try {
    await testAll(host, all, warn);
    for (const one of poolsFirst(readers, written)) await reload(host, one);
  } catch (error) {
    if (removalOnly) throw error;
    await restoreFiles(host, before);
    if (error instanceof AegirError && error.code === 'RELOAD_FAILED') await revive(host, readers);
    throw error;
  }
}

/**
 * Undoes a change and reloads, whatever state it was left in. If a foreign file prevents the reload, the files are
 * still restored, and `warn` is called. Call it under the `web` lock.
 */
export async function unpublish(
  { host, services }: PublishIo,
  server: ServerContext,
  before: FileBefore[],
  warn: Warn = () => {},
): Promise<void> {
  await restoreFiles(host, before);
  const all = services.forSites(server);
  const readers = all.filter((one) => before.some(({ path }) => one.driver.reads(one.server, path)));
  if (readers.length === 0) return;
  const restored = before.filter(({ text }) => text !== null).map(({ path }) => path);
  try {
    // PHP-FPM exits when it reloads a faulty configuration.
    await testAll(host, all, warn);
  } catch (error) {
    if (!(error instanceof AegirError) || error.code !== 'CONFIG_REFUSED') throw error;
    return warn(`not reloaded: ${error.message}. ${error.hint}`);
  }
  for (const one of poolsFirst(readers, restored)) {
    try {
      await reload(host, one);
    } catch (error) {
      if (!(error instanceof AegirError) || error.code !== 'RELOAD_FAILED') throw error;
      // A daemon that exited during the reload would not be started by anything else; it then reads the old files.
      await revive(host, [one]);
    }
  }
}

/**
 * In the order in which they reload. A vhost must never refer to a pool that is missing: PHP that has files of these comes
 * before the web server, and PHP that only loses some after it.
 */
function poolsFirst(readers: Placed<SiteServiceDriver>[], there: string[]): Placed<SiteServiceDriver>[] {
  const keeps = ({ driver, server }: Placed<SiteServiceDriver>): boolean =>
    there.some((path) => driver.reads(server, path));
  return [...readers.filter(keeps), ...readers.filter((one) => !keeps(one)).toReversed()];
}

async function testAll(host: Host, placed: Placed<SiteServiceDriver>[], warn: Warn): Promise<void> {
  for (const { driver, server } of placed) {
    for (const warning of await driver.test(host, server)) warn(warning);
  }
}

/** Files that people have edited: it is not recorded whether the daemon has read their present content. */
async function editedFiles(host: Host, files: GeneratedFile[]): Promise<string[]> {
  const own: string[] = [];
  for (const { path, text } of files.filter((file) => file.once)) {
    const present = await host.readText(path);
    if (present !== undefined && present !== text) own.push(path);
  }
  return own;
}
