import { aegir, aegirJson, must, until, visit } from './commands.ts';
import { newestTask, taskOf, untilDone, untilEnded } from './journal.ts';
import type { Machine } from './machine.ts';

/** A site that is large enough for steps that take a while; it stays as it is. */
export const SOURCE = 'source.example.test';
const INSTALLED = 'install.example.test';
const COPY = 'copy.example.test';

/** A task that something happens to. Each finds what the one before it has made. */
export interface TrialTask {
  name: 'install' | 'clone' | 'migrate' | 'delete';
  words: string[];
  site: string;
  /** What a visitor of its site is to see when it is done: 200, or no answer. */
  status: number;
}

const mail = ['--admin-mail', 'you@example.test'];
const remove = (site: string): TrialTask => ({
  name: 'delete',
  words: ['site', 'delete', site, '--confirm', site, '--backup', 'no'],
  site,
  status: 0,
});

/** Two ways of a site from its beginning to its end; after each all is as it was before. */
export const lives: TrialTask[][] = [
  [
    {
      name: 'install',
      words: ['site', 'install', INSTALLED, '--platform', 'wp', '--title', 'Installed', ...mail],
      site: INSTALLED,
      status: 200,
    },
    remove(INSTALLED),
  ],
  [
    { name: 'clone', words: ['site', 'clone', COPY, '--source', SOURCE], site: COPY, status: 200 },
    { name: 'migrate', words: ['site', 'migrate', COPY, '--platform', 'other', '--yes'], site: COPY, status: 200 },
    remove(COPY),
  ],
];

/** Makes the platform to which sites move, and the large site, where they are not there. */
export async function prepareTasks(machine: Machine): Promise<void> {
  if ((await visit(machine, SOURCE)).status === 200) return;
  await aegir(machine, 'platform', 'add', 'other', '--from', 'debian:wordpress', '--wait');
  await aegir(machine, 'site', 'install', SOURCE, '--platform', 'wp', '--title', 'Source', ...mail, '--wait');
  const { handle } = await aegirJson<{ handle: string }>(machine, 'site', 'show', SOURCE);
  await fill(machine, handle);
}

/** 40 MB of files and a table of 20 MB, of bytes that nothing can make smaller. */
async function fill(machine: Machine, handle: string): Promise<void> {
  const files = `/var/aegir/sites/${handle}/data/files`;
  const write = `cd ${files} && for n in $(seq 40); do head -c 1000000 /dev/urandom >large-$n.bin; done`;
  await must(machine, ['runuser', '-u', handle, '--', 'sh', '-c', write]);
  const sql = `CREATE TABLE filler (id INT PRIMARY KEY, bytes BLOB); INSERT INTO filler SELECT seq, RANDOM_BYTES(1000) FROM seq_1_to_20000`;
  await must(machine, ['mariadb', `${handle}r1`, '-e', sql]);
}

/** Queues a task; its number. */
export const queue = (machine: Machine, task: TrialTask): Promise<number> => queued(machine, task.words);

/**
 * The number of the task that takes the place of one whose worker was killed: that one was undone and has failed, as the
 * program says, or finished; then it is itself.
 */
export async function retried(machine: Machine, id: number, task: TrialTask): Promise<number> {
  await untilEnded(machine, id);
  const ended = taskOf(machine, id);
  if (ended?.state !== 'failed' || ended.error?.code !== 'INTERRUPTED' || ended.unfinished) return id;
  const sure = task.name === 'delete' ? ['--confirm', task.site] : ['--yes'];
  return queued(machine, ['task', 'retry', String(id), ...sure]);
}

async function queued(machine: Machine, words: string[]): Promise<number> {
  const said = await aegir(machine, ...words);
  const id = Number(/task (\d+) queued/.exec(said)?.[1]);
  return Number.isInteger(id) ? id : newestTask(machine);
}

/** The task has ended well, and visitors see that. */
export async function isDone(machine: Machine, id: number, task: TrialTask): Promise<void> {
  await untilDone(machine, id);
  await until(`${task.site} answers ${task.status || 'nobody'}`, 20, async () => {
    const { status } = await visit(machine, task.site);
    return status === task.status;
  });
}

/** Takes away what a task that came to no good has left of its site, with the program's own means. */
export async function clearLives(machine: Machine): Promise<void> {
  for (const life of lives)
    for (const task of life.slice(-1)) {
      const known = await aegirJson<{ uri: string }[]>(machine, 'site', 'list');
      if (known.some(({ uri }) => uri === task.site)) await isDone(machine, await queue(machine, task), task);
    }
}
