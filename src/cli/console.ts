import { listServers } from '../db/servers.ts';
import type { RootPaths } from '../provision/paths.ts';
import { driverOf } from '../provision/services/registry.ts';
import { runConsole } from '../screens/run-console.tsx';
import { createConsole } from '../state/console.ts';
import { currentActor } from '../worker/actor.ts';
import { serverContextOf } from '../worker/contexts.ts';
import { hostOf, localDeps } from '../worker/local-deps.ts';
import { openRoot, type Root, rootExists } from '../worker/open-root.ts';
import { startWorker, type Worker } from '../worker/worker.ts';

/** Opens the console: on a root with the worker in this process, else on the page of a new machine. */
export async function openConsole(
  paths: RootPaths,
  options: { readOnly: boolean; color: boolean; version: string },
): Promise<number> {
  let root = rootExists(paths) ? openRoot(paths) : undefined;
  let worker: Worker | undefined;
  const begin = (): void => {
    if (root && !options.readOnly) worker ??= startWorker(localDeps(root));
  };
  const queueOf = (open: Root) => ({ ...open, actor: currentActor(), readOnly: options.readOnly });
  const store = createConsole({
    queue: root && queueOf(root),
    paths,
    version: options.version,
    readOnly: options.readOnly,
    running: () => worker?.running ?? 0,
    probeServices: async () => (root ? serviceHealth(root) : []),
    findings: async () => (await import('./home.ts')).homeFindings(paths),
    runSetup: async () => {
      if (!(await (await import('./home.ts')).setUpHere(paths))) return undefined;
      root ??= openRoot(paths);
      begin();
      return queueOf(root);
    },
  });
  // After the first frame: recovering and starting tasks can wait that long.
  setImmediate(begin);
  const exit = await runConsole(store, { theme: options.color ? undefined : 'mono' });
  if (worker && worker.running > 0 && exit.reason === 'quit') {
    process.stderr.write(`aegir: ${worker.running} tasks still run here; waiting for them to end.\n`);
  }
  await (exit.tasks === 'cancel' ? worker?.stop() : worker?.drain());
  root?.inventory.close();
  return 0;
}

async function serviceHealth({ inventory, paths }: Root) {
  const [row] = listServers(inventory);
  if (!row) return [];
  const server = serverContextOf(inventory, paths.root, row.name);
  const host = hostOf(inventory, paths, server);
  return Promise.all(
    server.services.map(async (service) => ({
      name: service.driver,
      state: await driverOf(service).state(host, server),
    })),
  );
}
