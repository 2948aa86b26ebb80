import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findTask } from '../../src/db/tasks.ts';
import { queueTask } from '../../src/worker/queue.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { debianTree } from '../support/platforms.ts';
import { program } from '../support/program.ts';
import { runTask, untilEnded } from '../support/run-task.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { startTerminal } from '../support/terminal.ts';

let stack: Stack;
let root: StackRoot;

beforeAll(async () => {
  stack = await startStack();
  root = openStackRoot(stack);
  const from = `path:${await debianTree(stack.root, 'wordpress')}`;
  expect(await runTask(root, 'platform.add', 'wp', { from })).toMatchObject({ state: 'succeeded' });
});

afterAll(async () => {
  root?.inventory.close();
  await stack?.stop();
});

it.each(['directly', 'by a shell'])(
  'a line that is lost in the middle of a task ends the console, begun %s, and not the task',
  async (how) => {
    const words = [program, '--root', stack.root];
    const env = { PATH: process.env.PATH ?? '', HOME: homedir(), PS1: 'shell> ' };
    const terminal =
      how === 'directly'
        ? startTerminal({ command: process.execPath, args: words, env })
        : startTerminal({ command: '/bin/bash', args: ['--norc', '--noprofile', '-i'], env });
    if (how !== 'directly') {
      await terminal.waitFor('shell>');
      await terminal.type(`${process.execPath} ${words.join(' ')}\r`);
    }
    await terminal.waitFor('queue empty');
    const uri = `${how.replaceAll(' ', '-')}.example.test`;
    const args = { platform: 'wp', title: 'Lost', adminMail: 'a@example.test' };
    const id = queueTask(root.queue, { type: 'site.install', object: uri, args });
    await terminal.waitFor(`▸ install ${uri}`);
    const worker = consoleOf(terminal.pid, how);
    terminal.hangUp();
    expect(findTask(root.inventory, id)?.state).toBe('running');
    expect(await untilEnded(root, id)).toMatchObject({ state: 'succeeded', error: null, unfinished: null });
    expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain('<title>Lost');
    // The task was all that held it.
    await expect.poll(() => isThere(worker), { timeout: 10_000 }).toBe(false);
  },
);

/** The process of the console: the terminal's own, or a child of the shell. */
function consoleOf(pid: number, how: string): number {
  if (how === 'directly') return pid;
  return Number(
    execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')[0],
  );
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
