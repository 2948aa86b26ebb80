import { join } from 'node:path';
import type { z } from 'zod';
import type { Host } from '../host/host.ts';
import { waitUntil } from '../host/local/wait.ts';
import { oneLine } from '../model/clean-text.ts';
import { type ServerContext, type SiteContext, serverPaths } from '../model/context.ts';
import { AegirError, wholeMessage } from '../model/errors.ts';
import { type GeneratedFile, generatedNotice } from '../model/generated-file.ts';
import { frontFolder, frontSocket } from '../model/paths.ts';
import { type FrontState, frontPhp, frontPool, frontServer, frontSite, frontState } from './front-files.ts';

/** How long after a request's time limit the front may take to end it, in seconds. */
const FRONT_GRACE_S = 10;

/** The front's state; undefined when it does not run. */
export async function stateOfFront(host: Host, server: ServerContext): Promise<FrontState | undefined> {
  const address = frontSocket(serverPaths(server));
  const { status, body } = await host.fetch({ address, port: 0, host: 'front', path: '/state', timeoutMs: 5000 });
  if (status !== 200) return undefined;
  try {
    return frontState.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** Waits until the front has no running request of a site; the front itself ends requests that exceed their limit. */
export async function drainFront(host: Host, { server, handle, php }: SiteContext): Promise<{ ended: number }> {
  if (host.planning) return { ended: 0 };
  await waitUntil(async () => !(await stateOfFront(host, server))?.busy[handle], (php.timeS + FRONT_GRACE_S) * 1000);
  return { ended: 0 };
}

/** A file for the front. The notice is a field of it, because JSON has no comments. */
export function frontFile(server: ServerContext, name: string, document: Record<string, unknown>): GeneratedFile {
  const notice = `${generatedNotice} nothing of this file.`;
  const text = `${JSON.stringify({ notice, ...document }, null, 2)}\n`;
  return { path: join(frontFolder(serverPaths(server)), name), text, group: 'root', mode: 0o600 };
}

const schemas: [RegExp, z.ZodType][] = [
  [/^server\.json$/, frontServer],
  [/^php\.json$/, frontPhp],
  [/^site-.*\.json$/, frontSite],
  [/^php-.*\.json$/, frontPool],
];

/** Checks every file that the front would load. Throws `CONFIG_REFUSED` for the first invalid one. */
export async function testFront(host: Host, server: ServerContext): Promise<void> {
  const folder = frontFolder(serverPaths(server));
  for (const name of await host.list(folder)) {
    const [, schema] = schemas.find(([pattern]) => pattern.test(name)) ?? [];
    if (!schema) continue;
    try {
      schema.parse(JSON.parse((await host.readText(join(folder, name))) ?? ''));
    } catch (error) {
      const why = oneLine(wholeMessage(error));
      const hint = 'aegir server verify writes it again.';
      throw new AegirError(
        'CONFIG_REFUSED',
        `${join(folder, name)} is not a valid configuration of the web server: ${why}`,
        hint,
      );
    }
  }
}
