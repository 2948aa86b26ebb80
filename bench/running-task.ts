// A task that runs until standard input ends, and says three times a second how far it is: `running-task.ts ROOT`.
import { openInventory } from '../src/db/inventory.ts';
import { endTask, insertTask, saveProgress, startTask } from '../src/db/tasks.ts';
import { rootPaths } from '../src/provision/paths.ts';
import { ringBell } from '../src/worker/bell.ts';

const paths = rootPaths(process.argv[2] ?? '');
const db = openInventory(paths.inventory);
const object = { objectKind: 'site' as const, objectName: 'site-000000.example.org' };
const id = insertTask(db, { ...object, type: 'site.verify', args: {}, secrets: {}, timeLimitS: 1000 });
startTask(db, id, {});
let done = 0;
const running = setInterval(() => {
  done += 1;
  saveProgress(db, id, { step: 'files', done, total: 1000, unit: 'files' });
  ringBell(paths.bell);
}, 300);
process.stdin.resume().once('end', () => {
  clearInterval(running);
  endTask(db, id, { state: 'succeeded' });
  db.close();
});
