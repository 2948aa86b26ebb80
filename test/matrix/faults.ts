import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, processesOfUser, processFact, sendSignal } from '../../src/provision/host/local/processes.ts';
import { reload } from '../../src/provision/services/reload.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { cancelTask } from '../../src/worker/queue.ts';
import type { Call, Watcher } from './calls.ts';
import type { World } from './world.ts';

/** What happens to a task while it runs in this process. */
export interface Fault {
  /** What it means, for people. */
  title: string;
  /** Which calls of the first run it happens at. */
  at(calls: Call[]): Call[];
  watch(world: World, task: number, at: Call): Watcher;
  /** Takes the fault away when the task has ended. */
  mend?(world: World): Promise<void>;
}

/** The first act of each step. */
export function firstOfSteps(calls: Call[]): Call[] {
  const found = new Map<string, Call>();
  for (const call of calls) if (isAct(call) && !found.has(call.step)) found.set(call.step, call);
  return [...found.values()];
}

export const isAct = ({ what }: Call): boolean => !what.startsWith('inventory.');
const isApply = ({ step }: Call): boolean => step.startsWith('apply:');
const isPublish = ({ step }: Call): boolean => /:(publish|hold|open|switch|unpublish)$/.test(step);

/** Something that happens as a call begins. */
const strike =
  (work: (world: World, task: number) => void): Fault['watch'] =>
  (world, task, at) => ({
    before: ({ key }) => {
      if (key === at.key) work(world, task);
    },
  });

/** Faults beside kill -9 and SIGTERM, which need a process of their own. */
export const faults: Record<string, Fault> = {
  cancel: {
    title: 'it is cancelled as a step begins',
    at: (calls) => firstOfSteps(calls).filter(isApply),
    watch: strike((world, task) => cancelTask(world.root.queue, task)),
  },
  disk: {
    title: 'the disk, that of the inventory too, is full from the beginning of a step until the task has ended',
    at: firstOfSteps,
    watch: strike(fillDisk),
    mend: async (world) => rmSync(filler(world), { force: true }),
  },
  database: {
    title: 'MariaDB is killed as a step begins, and starts again when the task has ended',
    at: firstOfSteps,
    watch: strike(({ stack }) => {
      const service = stack.server.services.find(({ kind }) => kind === 'db');
      const found = processFact(Number(readFileSync(String(service?.settings.pidFile), 'utf8')));
      if (!found) return;
      sendSignal(found.pid, 'SIGKILL');
      // It takes a moment to go, and a task that fails at once may have ended before.
      const nothing = new Int32Array(new SharedArrayBuffer(4));
      for (let turn = 0; turn < 500 && isAlive(found); turn += 1) Atomics.wait(nothing, 0, 0, 10);
    }),
    async mend({ stack }) {
      const driver = standardProgram.services.db(stack.server);
      if ((await driver.state(stack.host, stack.server)) !== 'running')
        await driver.control(stack.host, stack.server, 'start');
      // By these SPIP itself keeps away from its database for the next half minute.
      spawnSync('find', [stack.paths.sites, '-path', '*/tmp/*.out', '-delete']);
    },
  },
  nginx: {
    title: 'nginx refuses its configuration for a file of somebody else, until the task has ended',
    at: (calls) => firstOfSteps(calls).filter(isPublish),
    watch: strike((world) => writeFileSync(theirs(world), 'nonsense;\n')),
    async mend(world) {
      rmSync(theirs(world), { force: true });
      // As they do who have mended their file.
      const { host, server } = world.stack;
      for (const placed of standardProgram.services.forSites(server))
        if (placed.service.kind === 'http') await reload(host, placed);
    },
  },
  php: {
    title: 'a program of PHP dies after half its work',
    at: (calls) => calls.filter(({ what, args }) => what === 'user.run' && /\.php\b/.test(JSON.stringify(args))),
    watch: (_world, _task, at) => ({
      begin({ key, args }) {
        if (key === at.key) setTimeout(() => endPrograms((args as { user: string }).user), at.ms / 2);
      },
    }),
  },
  undo: {
    title: 'a step fails after its first act, and so does the first try to undo it or to finish it',
    at: firstOfSteps,
    watch: (_world, _task, at) => failing(at),
  },
};

const filler = ({ stack }: World): string => join(stack.root, 'filler');
const theirs = ({ stack }: World): string => join(stack.paths.run, 'nginx-own', 'theirs.conf');

function fillDisk(world: World): void {
  const { bavail, bsize } = statfsSync(world.stack.root);
  spawnSync('fallocate', ['-l', String(bavail * bsize), filler(world)]);
}

/** Ends the programs of PHP that run for a site's user; true when there were any. */
export function endPrograms(user: string): boolean {
  const uid = new RegExp(`^${user}:[^:]*:(\\d+)`, 'm').exec(readFileSync('/etc/passwd', 'utf8'))?.[1];
  const found = processesOfUser(Number(uid)).filter((pid) => commandOf(pid).includes('/programs/'));
  for (const pid of found) sendSignal(pid, 'SIGKILL');
  return found.length > 0;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function failing(at: Call): Watcher {
  let failed = 0;
  const fail = (): never => {
    failed += 1;
    throw new Error('broken on purpose');
  };
  return {
    before(call) {
      if (!isApply(at) && call.key === at.key) fail();
      if (failed === 1 && isAct(call) && call.step.startsWith('undo:')) fail();
    },
    after(call) {
      if (isApply(at) && call.key === at.key) fail();
    },
  };
}
