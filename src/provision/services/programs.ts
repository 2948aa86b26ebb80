import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { engineFile } from '../host/local/own-files.ts';
import type { ServerContext } from '../model/context.ts';
import { serverPaths } from '../model/context.ts';

/**
 * Copies one PHP file to a place that every site's user can read, and returns its path. Owned by root, so that no site
 * can change what others run. Files shared by all engines lie above their folders.
 */
export async function publishProgram(host: Host, server: ServerContext, engine: string, file: string): Promise<string> {
  const { programs } = serverPaths(server);
  const folder = engine === 'common' ? programs : join(programs, engine);
  for (const path of new Set([programs, folder])) {
    await host.act('folder.make', { path, owner: 'root', group: 'root', mode: 0o755 });
  }
  const path = join(folder, file);
  await host.act('file.write', { path, text: engineFile(engine, file), mode: 0o644 });
  return path;
}
