// A worker that is ended at a chosen moment: victim.ts ROOT, and the order as one JSON line on standard input.
// It is started before it is needed, so that nobody waits for its code to be loaded.
import { createInterface } from 'node:readline';
import { openInventory } from '../../src/db/inventory.ts';
import { openTasks } from '../../src/db/tasks.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { localDeps } from '../../src/worker/local-deps.ts';
import { startWorker, type Worker } from '../../src/worker/worker.ts';
import { type Call, watchCalls } from './calls.ts';

/** What is done to the worker, and when. */
export interface Order {
  /** `during`: half of `ms` after the call has begun. */
  when: 'before' | 'after' | 'during';
  key: string;
  ms: number;
  /** SIGTERM leaves the task to the next worker, a second one undoes it. */
  signal: 'SIGKILL' | 'SIGTERM' | 'SIGTERM twice';
  /** A call that fails, so that there is something to undo. */
  failAfter?: string;
}

const [root = ''] = process.argv.slice(2);
const [line] = await createInterface({ input: process.stdin })
  [Symbol.asyncIterator]()
  .next()
  .then(({ value }) => [value]);
const order = JSON.parse(String(line)) as Order;
const paths = rootPaths(root);
const inventory = openInventory(paths.inventory);
const deps = { ...localDeps({ inventory, paths, program: standardProgram }), retryDelaysMs: [] };
const isIt = (call: Call, when: Order['when']): boolean => when === order.when && call.key === order.key;

let worker: Worker | undefined;
process.on('SIGTERM', () => void worker?.halt().then(() => process.exit(0)));
const undo = (): void => void worker?.stop().then(() => process.exit(0));
worker = startWorker(
  watchCalls(deps, {
    before(call) {
      if (isIt(call, 'before')) end();
    },
    begin(call) {
      if (isIt(call, 'during')) setTimeout(end, order.ms / 2);
    },
    after(call) {
      if (isIt(call, 'after')) end();
      if (call.key === order.failAfter) throw new Error('broken on purpose');
    },
  }),
  { onChange: endWhenIdle },
);

function end(): void {
  const [signal = '', twice] = order.signal.split(' ');
  process.kill(process.pid, signal);
  if (twice) undo();
}

/** The moment has not come. */
function endWhenIdle(): void {
  setTimeout(() => {
    if (worker?.active && worker.running === 0 && openTasks(inventory).length === 0) process.exit(3);
  }, 50);
}
