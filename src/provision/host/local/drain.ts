import type { Policy } from '../policy.ts';
import { siteAccount } from './as-user.ts';
import { isAlive, processesOfUser, processFact, programOf, sendSignal, titleOf } from './processes.ts';
import { waitUntil } from './wait.ts';

/** How long to wait for a killed process to disappear. */
const GONE_MS = 5000;

/**
 * Lets PHP-FPM's workers of a site's user finish their requests and exit; kills those that take too long. On SIGQUIT a
 * worker accepts no more requests and exits after the current one, even if its client has gone. The master replaces it
 * with an idle one.
 */
export async function drainUser(
  policy: Policy,
  user: string,
  program: string,
  waitMs: number,
): Promise<{ ended: number }> {
  const account = siteAccount(policy, user);
  if (!account) return { ended: 0 };
  const workers = processesOfUser(account.uid)
    .filter((pid) => programOf(pid) === program && titleOf(pid).startsWith(`php-fpm: pool ${user}`))
    .map(processFact)
    .filter((fact) => fact !== undefined);
  const left = () => workers.filter(isAlive);
  for (const { pid } of workers) sendSignal(pid, 'SIGQUIT');
  if (await waitUntil(() => left().length === 0, waitMs)) return { ended: 0 };
  const late = left();
  for (const { pid } of late) sendSignal(pid, 'SIGKILL');
  await waitUntil(() => left().length === 0, GONE_MS);
  return { ended: late.length };
}
