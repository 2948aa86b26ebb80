import { keepMoment, keepSteps, wasWell } from '../full-table.ts';
import { lookAt, nothingIsLeft } from '../left.ts';
import type { Machine } from '../machine.ts';
import { draw, type Moment, momentsOf, strikeAt } from '../moments.ts';
import type { Scenario, Trial } from '../scenario.ts';
import { clearLives, isDone, lives, prepareTasks, queue, retried, SOURCE, type TrialTask } from '../tasks.ts';
import { type WorkerFault, waitingNames, workerFaults, workerOf } from '../worker-faults.ts';

/** One fault at one moment. */
interface Blow extends Moment {
  fault: string;
}

const wordsOf = ({ task, step, after, fault }: Blow): string => `${fault} in ${task}, ${step} + ${after} ms`;

/** The worker is stopped, restarted, and its machine rebooted and cut off, in steps of each task. */
export const worker: Scenario = {
  name: 'worker',
  title:
    'the worker stopped and restarted, and the machine rebooted and cut off, in steps of install, clone, migrate, delete',
  on: 'server',
  run: (trial) => strikeAll(trial, (moments) => blowsOf(moments, trial)),
};

/** What every README promises first: a power cut or a reboot in the middle of a copy. */
export const reboot: Scenario = {
  name: 'reboot',
  title: 'a reboot in the middle of a clone',
  on: 'server',
  // In the longest step, where the files are copied.
  run: (trial) =>
    strikeAll(trial, (moments) => {
      const [longest] = moments.filter(({ task }) => task === 'clone').sort((one, other) => other.lasted - one.lasted);
      return longest ? [{ ...longest, fault: 'reboot' }] : [];
    }),
};

/** Goes through lives of sites until each chosen blow has been dealt. */
async function strikeAll(trial: Trial, choose: (moments: Moment[]) => Blow[]): Promise<string[]> {
  const { machine, suite, seed, say } = trial;
  await prepareTasks(machine);
  const moments = await momentsOf(machine, seed);
  keepSteps(suite, moments);
  const before = await lookAt(machine);
  const blows = choose(moments);
  const count = blows.length;
  say(`seed ${seed}, ${count} moments`);
  const failed: string[] = [];
  const next = (name: string): Blow | undefined => {
    const place = blows.findIndex(({ task }) => task === name);
    return place < 0 ? undefined : blows.splice(place, 1)[0];
  };
  while (blows.length > 0) {
    for (const life of lives) {
      if (!life.some(({ name }) => name !== 'delete' && has(blows, name)) && life !== lives[0]) continue;
      for (const task of life) {
        const blow = next(task.name);
        const begun = Date.now();
        const outcome = await (blow ? dealt(machine, task, blow) : undisturbed(machine, task))
          .then(async (step) => {
            await nothingIsLeft(machine, before);
            return `ok, in ${step}`;
          })
          .catch((error: Error) => error);
        const isWell = typeof outcome === 'string';
        if (!blow) {
          if (!isWell) throw outcome;
          continue;
        }
        keepMoment(suite, blow, blow.fault, isWell);
        const said = `${wordsOf(blow)}: ${isWell ? outcome : `FAILED ${outcome.message}`}`;
        say(`  ${said} (${Math.round((Date.now() - begun) / 1000)} s)`);
        if (isWell) continue;
        failed.push(said);
        await clearLives(machine);
        break;
      }
    }
  }
  if (failed.length > 0) throw new Error(`${failed.length} of ${count} (seed ${seed}): ${failed.join(' | ')}`);
  return [`seed ${seed}`, `${count} ${count === 1 ? 'moment' : 'moments'}`];
}

const has = (blows: Blow[], name: string): boolean => blows.some(({ task }) => task === name);

async function undisturbed(machine: Machine, task: TrialTask): Promise<string> {
  await isDone(machine, await queue(machine, task), task);
  return 'its own time';
}

/** All there are, or those that no run has found to be well, or one of each task and fault. */
function blowsOf(moments: Moment[], { all, rest, seed, suite }: Trial): Blow[] {
  return [...new Set(moments.map(({ task }) => task))]
    .flatMap((task) => {
      const own = moments.filter((moment) => moment.task === task);
      return Object.keys(workerFaults).flatMap((fault) => {
        const drawn = own[Math.floor(draw(seed, task, fault) * own.length)];
        const chosen = all ? own : own.filter((moment) => moment === drawn);
        return chosen
          .filter((moment) => !rest || !wasWell(suite, moment, fault))
          .map((moment) => ({ ...moment, fault }));
      });
    })
    .sort((one, other) => draw(seed, wordsOf(one)) - draw(seed, wordsOf(other)));
}

/** Deals one blow; the step in which it fell. What a person would not accept is thrown. */
async function dealt(machine: Machine, task: TrialTask, blow: Blow): Promise<string> {
  const fault = workerFaults[blow.fault] as WorkerFault;
  const pid = await workerOf(machine);
  const names = [SOURCE, task.site];
  const waitingBefore = await waitingNames(machine, names);
  const { id, step } = await strikeAt(machine, task, blow, () => process.kill(pid, 'SIGSTOP'));
  if (step === undefined) process.kill(pid, 'SIGCONT');
  let waiting: string[] = [];
  await fault.strike(machine, async () => {
    waiting = (await waitingNames(machine, names)).filter((name) => !waitingBefore.includes(name));
  });
  // Only who is told to end leaves a task to be gone on with: after a cut it may be undone, and says that it can be retried.
  await isDone(machine, blow.fault === 'cut' ? await retried(machine, id, task) : id, task);
  const waitingAfter = await waitingNames(machine, names);
  waiting = waiting.filter((name) => !waitingAfter.includes(name));
  if (waiting.length > 0)
    throw new Error(`a stopped worker has left a page that asks for patience: ${waiting.join(' ')}`);
  if (step === undefined) throw new Error('the task had ended before');
  return step;
}
