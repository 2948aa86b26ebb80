import type { Host } from '../host/host.ts';
import { waitUntil } from '../host/local/wait.ts';
import { AegirError } from '../model/errors.ts';
import type { SiteServiceDriver } from './service.ts';
import type { Placed } from './services.ts';

/** Longest time of a reload: FPM first waits for running requests. */
const RELOAD_MS = 60_000;
/** A daemon that has been missing for this long has ended; while it re-executes itself its pid file may be missing. */
const GONE_MS = 5000;

/**
 * Reloads a running service's configuration and waits until that is done; a service that is down reads it when it
 * starts. Throws `RELOAD_FAILED`.
 */
export async function reload(host: Host, { driver, server }: Placed<SiteServiceDriver>): Promise<void> {
  if ((await driver.state(host, server)) !== 'running') return;
  const earlier = await driver.generation(host, server);
  await driver.control(host, server, 'reload');
  if (host.planning) return;
  let seen = Date.now();
  let gone = false;
  const replaced = await waitUntil(async () => {
    const now = await driver.generation(host, server);
    if (now.length > 0) seen = Date.now();
    gone = Date.now() - seen > GONE_MS;
    return gone || (now.length > 0 && !now.some((one) => earlier.includes(one)));
  }, RELOAD_MS);
  if (replaced && !gone) return;
  const what = gone ? 'exited when it loaded' : 'did not load';
  throw new AegirError('RELOAD_FAILED', `${driver.name} ${what} its new configuration`, 'Its error log says why.');
}

/** After the old files are restored: starts daemons that have ended, and reloads the others. */
export async function revive(host: Host, placed: Placed<SiteServiceDriver>[]): Promise<void> {
  for (const { driver, server } of placed) {
    const running = (await driver.state(host, server)) === 'running';
    await driver.control(host, server, running ? 'reload' : 'start');
  }
}
