// Queues tasks from a separate process, each when the previous one has ended: queue-elsewhere.ts ROOT COUNT.
import { openInventory } from '../src/db/inventory.ts';
import { findTask } from '../src/db/tasks.ts';
import { rootPaths } from '../src/provision/model/paths.ts';
import { standardProgram } from '../src/provision/standard.ts';
import { queueTask } from '../src/worker/queue.ts';

const [root = '', count = '0'] = process.argv.slice(2);
const paths = rootPaths(root);
const inventory = openInventory(paths.inventory);
const queue = {
  inventory,
  paths,
  program: standardProgram,
  actor: { actor: 'bench', sudoUser: null, sshClient: null },
  readOnly: false,
};
for (let number = 0; number < Number(count); number += 1) {
  const id = queueTask(queue, { type: 'server.verify', object: `s${number}`, args: {} });
  while (!findTask(inventory, id)?.endedAt) await new Promise((resolve) => setTimeout(resolve, 1));
}
inventory.close();
