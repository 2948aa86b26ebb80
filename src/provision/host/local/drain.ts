import type { Policy } from '../policy.ts';
import { siteAccount } from './as-user.ts';
import { isAlive, processesOfUser, processFact, programOf, sendSignal, titleOf } from './processes.ts';
import { waitUntil } from './wait.ts';

/** How long a process that was ended may take to be gone. */
const GONE_MS = 5000;

/**
 * Lets the workers that PHP-FPM runs as a site's user end, each after its request; ends those that stay longer. On
 * SIGQUIT a worker takes no more requests and goes when the one it works on is over, also when nobody waits for its
 * answer any more. Its master puts a fresh one in its place, which has nothing to do.
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
