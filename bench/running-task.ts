// Tasks that run until stdin ends. `running-task.ts ROOT`: one task that reports progress three times per second;
// `running-task.ts ROOT backups`: backups of one site after the other, of which three end per second.
import { insertBackup } from '../src/db/backups.ts';
import { openInventory, transact } from '../src/db/inventory.ts';
import { endTask, insertTask, saveProgress, startTask } from '../src/db/task-changes.ts';
import { rootPaths } from '../src/provision/model/paths.ts';
import { ringBell } from '../src/worker/bell.ts';

const [root = '', what] = process.argv.slice(2);
const paths = rootPaths(root);
const db = openInventory(paths.inventory);
let done = 0;
let task = begin();

function begin(): { id: number; uri: string } {
  const uri = `site-${String(done).padStart(6, '0')}.example.org`;
  const type = what === 'backups' ? 'site.backup' : 'site.verify';
  const id = insertTask(db, { type, objectKind: 'site', objectName: uri, args: {}, secrets: {}, timeLimitS: 1000 });
  startTask(db, id, {});
  return { id, uri };
}

function nextBackup(): void {
  const { id, uri } = task;
  const of = { platform: 'code', engine: 'some', version: '1.0', description: '', kind: 'rotating' as const };
  const site = { title: uri, profile: 'default', language: 'en', admin: { name: 'a', mail: 'a@example.org' }, php: {} };
  transact(db, () => insertBackup(db, { ...of, uri, site, name: `${uri}-${id}`, bytes: 1, taskId: id }));
  endTask(db, id, { state: 'succeeded' });
  task = begin();
}

const running = setInterval(() => {
  done += 1;
  if (what === 'backups') nextBackup();
  else saveProgress(db, task.id, { step: 'files', done, total: 1000, unit: 'files' });
  ringBell(paths.bell);
}, 300);
process.stdin.resume().once('end', () => {
  clearInterval(running);
  endTask(db, task.id, { state: 'succeeded' });
  db.close();
});
