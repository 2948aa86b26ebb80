import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { accountOf } from '../../src/provision/host/local/accounts.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { currentActor } from '../../src/worker/actor.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { seedInventory } from '../support/seed-inventory.ts';

it('a new site leaves out a number that somebody on the machine has already, for good', () => {
  const { db, paths } = seedInventory(mkdtempSync(join(tmpdir(), 'aegtest-handles-')));
  onTestFinished(() => {
    db.close();
    rmSync(paths.root, { recursive: true, force: true });
  });
  const queue = { inventory: db, paths, program: standardProgram, actor: currentActor({}), readOnly: false };
  const install = (uri: string): string => {
    queueTask(queue, { type: 'site.install', object: uri, args: { platform: 'wp-6.8', adminMail: 'a@example.test' } });
    return findSite(db, uri)?.handle ?? '';
  };
  const last = Number(/\d+$/.exec(install('one.example.test'))?.[0]);
  // As useradd(8) does: somebody has the number that comes next.
  const somebody = accountOf('nobody')?.uid ?? 0;
  db.prepare('UPDATE server SET uid_base = ?').run(somebody - last - 1);
  expect(install('two.example.test')).toBe(`aegtest${last + 2}`);
  expect(install('three.example.test')).toBe(`aegtest${last + 3}`);
  expect(
    db
      .prepare('SELECT uid FROM handle WHERE number = ?')
      .pluck()
      .get(last + 2),
  ).toBe(somebody + 1);
});
