import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { findTask } from '../../src/db/tasks.ts';
import { siteDelete } from '../../src/provision/tasks/site-delete.ts';
import { siteInstall } from '../../src/provision/tasks/site-install.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { moments, recover, runUntilKilled } from '../support/kill-worker.ts';
import { debianTree } from '../support/platforms.ts';
import { runTask } from '../support/run-task.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { processesOf, tracesOf } from '../support/traces.ts';

let stack: Stack;
let root: StackRoot;
let tree: string;

beforeAll(async () => {
  stack = await startStack();
  root = openStackRoot(stack);
  tree = await debianTree(stack.root, 'wordpress');
  expect(await runTask(root, 'platform.add', 'code', { from: `path:${tree}` })).toMatchObject({
    error: null,
    state: 'succeeded',
  });
});

afterAll(async () => {
  root?.inventory.close();
  await stack?.stop();
});

/** Steps that change nothing on this code base, so that there is no moment within them. */
const onlyLook = new Set([
  ...['apply:probe', 'apply:measure', 'commit:record', 'cleanUp:links'],
  // Of a site that is not saved first, and has no release to go back to.
  ...['apply:backup', 'apply:dump', 'apply:files', 'apply:check', 'cleanUp:kept'],
]);

describe('kill -9 of the worker while a site is installed', () => {
  let number = 0;
  it.each(moments(siteInstall, onlyLook))('%s: the site is whole or gone', async (moment) => {
    number += 1;
    const uri = `crash${number}.example.test`;
    const id = queueTask(root.queue, {
      type: 'site.install',
      object: uri,
      args: { platform: 'code', title: 'Crash', adminMail: 'a@example.test' },
    });
    const handle = findSite(root.inventory, uri)?.handle ?? '';
    await runUntilKilled(root, moment);
    await recover(root);
    const task = findTask(root.inventory, id);
    if (task?.state === 'succeeded') {
      expect(findSite(root.inventory, uri)?.state).toBe('enabled');
      expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain('<title>Crash');
      expect((await runTask(root, 'site.delete', uri)).state).toBe('succeeded');
    } else {
      expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'INTERRUPTED' } });
    }
    expect(await tracesOf(stack, root, { handle, uri }, [tree])).toEqual([]);
    expect(processesOf(handle)).toEqual([]);
    expect((await stack.fetch(`${uri}:${stack.port}`, '/')).status).toBe(0);
  });
});

describe('kill -9 of the worker while a site is deleted', () => {
  let number = 0;
  it.each(moments(siteDelete, onlyLook))('%s: the site is whole or gone', async (moment) => {
    number += 1;
    const uri = `delete${number}.example.test`;
    expect(
      (await runTask(root, 'site.install', uri, { platform: 'code', title: 'Crash', adminMail: 'a@example.test' }))
        .state,
    ).toBe('succeeded');
    const handle = findSite(root.inventory, uri)?.handle ?? '';
    const id = queueTask(root.queue, { type: 'site.delete', object: uri, args: {} });
    await runUntilKilled(root, moment);
    await recover(root);
    const task = findTask(root.inventory, id);
    if (task?.state === 'failed') {
      // Killed before the commit: nothing was taken away.
      expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain('<title>Crash');
      expect((await runTask(root, 'site.delete', uri)).state).toBe('succeeded');
    } else {
      expect(task).toMatchObject({ state: 'succeeded', unfinished: null });
    }
    expect(await tracesOf(stack, root, { handle, uri }, [tree])).toEqual([]);
  });
});

describe('the checker itself', () => {
  it('finds what was left behind on purpose', async () => {
    const uri = 'planted.example.test';
    await runTask(root, 'site.install', uri, { platform: 'code', adminMail: 'a@example.test' });
    const handle = findSite(root.inventory, uri)?.handle ?? '';
    const traces = (await tracesOf(stack, root, { handle, uri }, [tree])).join('\n');
    for (const wanted of [
      `user ${handle}`,
      `/sites/${handle}`,
      `account ${handle}`,
      `site-${handle}.conf`,
      `site row ${uri}`,
    ]) {
      expect(traces).toContain(wanted);
    }
    await runTask(root, 'site.delete', uri);
  });
});
