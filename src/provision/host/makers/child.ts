import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { Host } from '../host.ts';
import { endChildren } from '../local/children.ts';
import { ownProgram } from '../local/own-files.ts';
import { hasSiteUsers, type Policy } from '../policy.ts';
import { openWire } from '../wire/wire.ts';
import { type Connected, wireHost } from '../wire/wire-host.ts';

/** What is the same for all hosts of one root. */
type BasePolicy = Omit<Policy, 'mark' | 'platformFolders'>;

interface Child extends Connected {
  /** The tasks for which it has acted. */
  marks: Set<string>;
}

/** The children of this process, by the policy that they were started with; while one is being cleaned up after, that. */
const children = new Map<string, Child | Promise<void>>();

/**
 * This machine, read and changed by a child process of ours (serve-acts.ts): one for all hosts of a root, started by
 * the first call, and again where it was lost. It ends with this process, in whatever way.
 */
export function childHost({ mark, platformFolders, ...base }: Policy): Host {
  const key = JSON.stringify(base);
  return wireHost(
    { name: hostname(), siteUsers: hasSiteUsers(base) },
    { mark, platformFolders: [...platformFolders] },
    async () => {
      for (;;) {
        const known = children.get(key);
        const child = known ?? startChild(key, base);
        if (child instanceof Promise) await child;
        else {
          if (mark !== '') child.marks.add(mark);
          return child;
        }
      }
    },
  );
}

function startChild(key: string, base: BasePolicy): Child {
  const marks = new Set<string>();
  // The terminal is handed down, for acts that a person works in; calls and answers have a socket of their own.
  const started = spawn(process.execPath, [ownProgram('provision/host/makers/serve-acts'), key], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  started.on('error', () => {});
  const socket = started.stdio[3] as Socket;
  const idle = (busy: boolean): void => {
    for (const end of [started, socket])
      if (busy) end.ref();
      else end.unref();
  };
  const wire = openWire({
    name: hostname(),
    input: socket,
    output: socket,
    busy: idle,
    async lost() {
      // What it has started goes on without it, and must have ended before anything is undone.
      const cleaned = endChildren(base.paths, marks).then(() => {
        children.delete(key);
      });
      children.set(key, cleaned);
      started.kill('SIGKILL');
      await cleaned;
    },
  });
  idle(false);
  const child: Child = { wire, marks, onTerminal: (work) => passingSignals(started, work) };
  children.set(key, child);
  return child;
}

/**
 * Passes on what would end us: a command on the terminal has a moment to end by itself. What keys of the terminal send
 * reaches the child without us.
 */
async function passingSignals<T>(child: ChildProcess, work: () => Promise<T>): Promise<T> {
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  const leave = (): void => {};
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, leave);
  try {
    return await work();
  } finally {
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, pass);
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.off(signal, leave);
  }
}
