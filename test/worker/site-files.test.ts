import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { saveServices } from '../../src/db/servers.ts';
import { updateSite } from '../../src/db/sites.ts';
import { endTask, insertTask } from '../../src/db/task-changes.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { siteFiles } from '../../src/worker/site-files.ts';
import { seedInventory } from '../support/seed-inventory.ts';

it('the files of a site are made again only when what they are made of has changed', () => {
  const root = mkdtempSync(join(tmpdir(), 'aegir-files-'));
  const { db } = seedInventory(root);
  onTestFinished(() => {
    db.close();
    rmSync(root, { recursive: true, force: true });
  });
  const daemon = { binary: '/usr/sbin/daemon', conf: '/etc/daemon.conf', pidFile: '/run/daemon.pid', unit: '' };
  saveServices(db, 'server_master', [
    { kind: 'http', driver: 'nginx', version: '', settings: { ...daemon, listen: ['80'] } },
    { kind: 'php', driver: 'fpm', version: '', settings: { ...daemon, commandLine: '/usr/bin/php', branch: '8.2' } },
    { kind: 'db', driver: 'mariadb', version: '', settings: { ...daemon, socket: '/run/daemon.sock' } },
  ]);
  const uri = 'shop.example.test';
  const first = siteFiles(db, standardProgram, root, uri);
  expect(first.files.map(({ what }) => what)).toEqual(expect.arrayContaining(['vhost', 'own vhost', 'settings']));
  const task = {
    type: 'site.cron',
    objectKind: 'site' as const,
    objectName: uri,
    args: {},
    secrets: {},
    timeLimitS: 9,
  };
  endTask(db, insertTask(db, task), { state: 'succeeded' });
  expect(siteFiles(db, standardProgram, root, uri, first)).toBe(first);
  updateSite(db, uri, { title: 'Another' });
  const second = siteFiles(db, standardProgram, root, uri, first);
  expect(second).not.toBe(first);
  expect(second.files).toEqual(first.files);
});
