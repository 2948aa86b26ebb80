import { Socket } from 'node:net';
import { noteThisProcess } from '../local/children.ts';
import type { Policy } from '../policy.ts';
import { serveHost } from '../wire/serve.ts';
import { localHost } from './local.ts';

/*
 * A program that reads and acts on this machine for the process that has started it (child.ts), which talks to it over
 * descriptor 3. 0 to 2 are those of that process: the person's terminal, for the act that needs it. Its one
 * argument is the policy, as JSON: by what an act is checked is said by who starts it, not by who asks.
 */

const policy = JSON.parse(process.argv[2] ?? '') as Omit<Policy, 'mark' | 'platformFolders'>;
const noted = new Set<string>();

// ctrl-c and the end of a terminal reach all processes that have it; this one goes when the one that asks does.
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const asker = new Socket({ fd: 3 });
await serveHost(
  (scope) => {
    const scoped = { ...policy, ...scope };
    if (scope.mark !== '' && !noted.has(scope.mark)) noteThisProcess(scoped);
    noted.add(scope.mark);
    return localHost(scoped);
  },
  asker,
  asker,
);
// What still runs here ends with it: whoever comes next puts things right by the journal.
process.exit();
