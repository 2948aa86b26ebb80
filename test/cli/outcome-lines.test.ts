import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { outcomeLine, reportOutcome } from '../../src/cli/outcome-lines.ts';
import { endTask, startTask } from '../../src/db/task-changes.ts';
import { findTask } from '../../src/db/tasks.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { program } from '../support/program.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
beforeEach(() => {
  small = openSmallRoot();
  small.site('shop.example.org');
});
afterEach(() => small.remove());

const queue = (type: string): number => queueTask(small.queue, { type, object: 'shop.example.org', args: {} });

it('a task that has ended is one line: which, on what, how, after how long and why', () => {
  const { db } = small;
  const id = queueTask(small.queue, {
    ...{ type: 'site.install', object: 'new.example.org' },
    args: { platform: 'one', adminMail: 'a@example.org', adminPassword: 'do-not-tell-this' },
  });
  startTask(db, id, {});
  const error = { code: 'DISK_FULL', message: 'no space is left', hint: 'Make room.' };
  endTask(db, id, { state: 'failed', error, unfinished: 'could not undo "Make the home": busy' });
  const task = findTask(db, id);
  expect(task && outcomeLine(task)).toMatch(
    new RegExp(
      `^task ${id} site\\.install new\\.example\\.org failed in [\\d.]+s: DISK_FULL no space is left\\. ` +
        `UNFINISHED could not undo "Make the home": busy; once the cause is fixed: aegir task recover ${id}$`,
    ),
  );
});

it('each is told when it has ended, also one that was tidied up after later; one that is queued again is not', () => {
  const { db } = small;
  const lines: string[] = [];
  const tell = (id: number): void => reportOutcome(db, id, (line) => lines.push(line.replace(/ in .*/, '')));
  const id = queue('site.verify');
  tell(id);
  expect(lines).toEqual([]);
  endTask(db, id, { state: 'warning', unfinished: 'could not finish "Remove": busy' });
  tell(id);
  endTask(db, id, { state: 'succeeded' });
  tell(id);
  expect(lines).toEqual([
    `task ${id} site.verify shop.example.org warning: UNFINISHED could not finish "Remove": busy; once the cause is fixed: aegir task recover ${id}`,
    `task ${id} site.verify shop.example.org succeeded`,
  ]);
});

it('the worker writes them, as plain lines', async () => {
  const id = queue('site.verify');
  const worker = spawn(process.execPath, [program, '--root', small.folder, 'worker'], {
    env: { PATH: process.env.PATH, HOME: small.folder },
  });
  let said = '';
  worker.stdout.on('data', (chunk) => {
    said += chunk;
    if (said.includes(`task ${id} `)) worker.kill('SIGTERM');
  });
  await once(worker, 'close');
  // The root has no services: it fails, which is told.
  expect(said).toMatch(
    new RegExp(`^task ${id} site\\.verify shop\\.example\\.org failed in [\\d.]+s: [A-Z_]+ .+$`, 'm'),
  );
  expect(said).not.toMatch(/[\u001b\r]/);
}, 30_000);
