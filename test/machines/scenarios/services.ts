import { must, until, visit } from '../commands.ts';
import { taskOf, untilEnded } from '../journal.ts';
import { lookAt, nothingIsLeft } from '../left.ts';
import type { Machine } from '../machine.ts';
import { draw, type Moment, momentsOf, strikeAt } from '../moments.ts';
import type { Scenario } from '../scenario.ts';
import { isDone, lives, prepareTasks, queue, SOURCE, type TrialTask } from '../tasks.ts';
import { systemctl, workerOf } from '../worker-faults.ts';

/** Each service is stopped or restarted in a step of a task; the one that was stopped is started when the task has ended. */
export const services: Scenario = {
  name: 'services',
  title: 'each service stopped and restarted in steps of install, clone, migrate, delete',
  on: 'server',
  async run({ machine, seed, all, say }) {
    await prepareTasks(machine);
    const moments = await momentsOf(machine, seed);
    const before = await lookAt(machine);
    const tasks = lives.flat();
    let count = 0;
    for (const service of await servicesOf(machine)) {
      for (const verb of ['stop', 'restart']) {
        const chosen = tasks[Math.floor(draw(seed, service, verb) * tasks.length)];
        for (const task of all ? tasks : (lives.find((life) => life.some((one) => one === chosen)) ?? [])) {
          if (!all && task !== chosen) {
            await isDone(machine, await queue(machine, task), task);
            continue;
          }
          const own = moments.filter((one) => one.task === task.name);
          const moment = own[Math.floor(draw(seed, service, verb, task.name) * own.length)] as Moment;
          const what = `${verb} ${service} in ${task.name}, ${moment.step} + ${moment.after} ms`;
          const begun = Date.now();
          await strikeService(machine, task, moment, service, verb).catch((error: Error) => {
            throw new Error(`${what} (seed ${seed}): ${error.message}`);
          });
          await nothingIsLeft(machine, before);
          count += 1;
          say(`  ${what}: ok (${Math.round((Date.now() - begun) / 1000)} s)`);
        }
      }
    }
    return [`seed ${seed}`, `${count} ${count === 1 ? 'moment' : 'moments'}`];
  },
};

/** The units of nginx, of MariaDB and of each PHP-FPM. */
export async function servicesOf(machine: Machine): Promise<string[]> {
  const words = [
    'systemctl',
    'list-units',
    '--plain',
    '--no-legend',
    'nginx.service',
    'mariadb.service',
    'php*-fpm.service',
  ];
  return (await must(machine, words)).split('\n').flatMap((line) => line.split('.service')[0] || []);
}

async function strikeService(
  machine: Machine,
  task: TrialTask,
  moment: Moment,
  service: string,
  verb: string,
): Promise<void> {
  const pid = await workerOf(machine);
  // Held still until the service has got the order, so that it comes at this moment.
  const { id, step } = await strikeAt(machine, task, moment, () => process.kill(pid, 'SIGSTOP'));
  const done = systemctl(machine, verb, service);
  await new Promise((resolve) => setTimeout(resolve, 300));
  process.kill(pid, 'SIGCONT');
  await done;
  if (step === undefined) throw new Error('the task had ended before');
  await untilEnded(machine, id);
  if (verb === 'stop') await systemctl(machine, 'start', service);
  await until(`${SOURCE} answers`, 30, async () => (await visit(machine, SOURCE)).status === 200);
  const ended = taskOf(machine, id);
  // It may fail for the service, which undoes it: then it is done again. What could not even be undone waits to be.
  if (ended?.unfinished) {
    await machine.run(['aegir', 'task', 'recover', String(id), '--wait']);
    await until(`task ${id} is undone`, 60, () => !taskOf(machine, id)?.unfinished);
  }
  if (ended?.state === 'failed') {
    const again = await queue(machine, task);
    await isDone(machine, again, task);
  } else if (ended?.state === 'warning') {
    await until(
      `${task.site} is as it should be`,
      60,
      async () => (await visit(machine, task.site)).status === task.status,
    );
  } else await isDone(machine, id, task);
}
