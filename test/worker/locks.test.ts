import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import type { Json } from '../../src/provision/model/errors.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import type { TaskContexts } from '../../src/provision/tasks/model/task.ts';
import { contextOf } from '../../src/worker/contexts.ts';
import { locksConflict, locksOf, type TaskLock } from '../../src/worker/locks.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
beforeEach(() => {
  small = openSmallRoot();
  for (const uri of ['a.example.org', 'b.example.org']) small.site(uri);
  const source = 'path:/srv/two';
  insertPlatform(small.db, { name: 'two', server: 'server_master', root: '/srv/two', source, managed: false });
  updatePlatform(small.db, 'two', { state: 'ready', engine: 'spip', version: '1', profiles: [] });
});
afterEach(() => small.remove());

function locks(type: string, objectName: string, args: Record<string, unknown> = {}): TaskLock[] {
  const objectKind = type.split('.')[0] as 'server' | 'platform' | 'site';
  const context = contextOf(small.db, small.folder, objectKind, objectName, args) as unknown as Json;
  return locksOf(standardProgram.tasks, { type, objectKind, objectName }, context);
}

describe('the server, while all of its files are written', () => {
  const verify = () => locks('server.verify', 'server_master');

  it.each(['migrate', 'rename', 'disable', 'alias', 'delete', 'install', 'verify'])('waits for site.%s', (verb) => {
    const args = verb === 'migrate' ? { platform: 'two' } : {};
    expect(locksConflict(verify(), locks(`site.${verb}`, 'a.example.org', args))).toBe(true);
  });

  it('waits for what changes a platform, and for another of its kind', () => {
    expect(locksConflict(verify(), locks('platform.verify', 'one'))).toBe(true);
    expect(locksConflict(verify(), verify())).toBe(true);
  });

  it('does not wait for hours for what changes nothing of them', () => {
    for (const type of ['site.backup', 'site.cron', 'site.login']) {
      expect(locksConflict(verify(), locks(type, 'a.example.org'))).toBe(false);
    }
    expect(locksConflict(verify(), locks('platform.add', 'two'))).toBe(false);
  });

  it('leaves tasks on different sites side by side', () => {
    expect(locksConflict(locks('site.verify', 'a.example.org'), locks('site.verify', 'b.example.org'))).toBe(false);
    expect(locksConflict(locks('site.verify', 'a.example.org'), locks('site.backup', 'a.example.org'))).toBe(true);
  });

  it('leaves out sites that are being made, also one whose making is given up', () => {
    const args = { platform: 'one', adminMail: 'a@example.org' };
    queueTask(small.queue, { type: 'site.install', object: 'c.example.org', args });
    const sites = () =>
      (contextOf(small.db, small.folder, 'server', 'server_master') as TaskContexts['server']).sites.map(
        ({ uri }) => uri,
      );
    expect(sites()).toEqual(['a.example.org', 'b.example.org']);
  });
});
