// A worker that ends itself with SIGKILL at a chosen moment: killed-worker.ts ROOT WHEN:PHASE:STEP.
import { openInventory } from '../../src/db/inventory.ts';
import { rootPaths } from '../../src/provision/paths.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import { startWorker } from '../../src/worker/worker.ts';

const [root = '', wanted = ''] = process.argv.slice(2);
const paths = rootPaths(root);
const inventory = openInventory(paths.inventory);
const deps = localDeps({ inventory, paths });
const [when, phase, step] = wanted.split(':');
const hooks = { onStep: (_name: string, _phase: string): void => {} };
startWorker({
  ...deps,
  retryDelaysMs: [],
  hostFor(server, mark) {
    const host = deps.hostFor(server, mark);
    let current = '';
    hooks.onStep = (name, inPhase) => {
      current = `${inPhase}:${name}`;
      if (when === 'before' && current === `${phase}:${step}`) die();
    };
    return {
      ...host,
      async act(verb, args, live) {
        const result = await host.act(verb, args, live);
        // Half-way: the step has acted once and has not been told so.
        if (when === 'during' && current === `${phase}:${step}` && verb !== 'db.list') die();
        return result;
      },
    };
  },
  onStep: (_task, name, inPhase) => hooks.onStep(name, inPhase),
});

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
