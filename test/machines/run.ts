import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { baseOf, machinesFolder, type Suite, suites } from './base.ts';
import { programHash } from './commands.ts';
import { Machine } from './machine.ts';
import { keepResult, type Result } from './results.ts';
import type { Scenario } from './scenario.ts';
import { makeServer } from './scenarios/readme.ts';

/** What is tried, and how. */
export interface Choice {
  suites: Suite[];
  scenarios: Scenario[];
  seed: number;
  all: boolean;
  rest: boolean;
}

/** Everything of one suite: the machine of a scenario is the next one's when that wants a server, else it is taken away. */
export class Suites {
  #machine: Machine | undefined;
  #isServer = false;
  #isStopped = false;
  readonly #choice: Choice;
  readonly #say: (text: string) => void;

  constructor(choice: Choice, say: (text: string) => void) {
    this.#choice = choice;
    this.#say = say;
  }

  /** Runs all that is chosen; each result is told and kept as it comes. */
  async run(): Promise<Result[]> {
    const results: Result[] = [];
    for (const suite of this.#choice.suites) {
      for (const scenario of this.#choice.scenarios) results.push(await this.#try(suite, scenario));
      await this.end();
    }
    return results;
  }

  /** Ends for good: what is under way comes to nothing, and nothing is kept of it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.end();
  }

  /** Ends the machine that is up, and takes its disk away. */
  async end(): Promise<void> {
    const machine = this.#machine;
    this.#machine = undefined;
    await machine?.cut();
    machine?.remove();
  }

  async #try(suite: Suite, scenario: Scenario): Promise<Result> {
    const { seed, all, rest } = this.#choice;
    const begun = Date.now();
    const say = (text: string): void => this.#say(`  ${text}`);
    this.#say(`${suites[suite]}: ${scenario.name}`);
    const outcome = await this.#machineFor(suite, scenario, say)
      .then((machine) => scenario.run({ machine, suite, seed, all, rest, say }))
      .then(
        (notes) => ({ ok: true, notes }),
        (error: Error) => ({ ok: false, notes: [error.message] }),
      );
    if (this.#isStopped) return new Promise(() => {});
    const seconds = Math.round((Date.now() - begun) / 1000);
    const date = new Date().toISOString().slice(0, 10);
    const result = { suite, scenario: scenario.name, ...outcome, seconds, date };
    keepResult(result);
    this.#say(
      `${suites[suite]}: ${scenario.name}: ${result.ok ? 'ok' : `FAILED ${result.notes.join(' ')}`} (${seconds} s)`,
    );
    // What has failed may be half-made: nothing else is tried on it.
    this.#isServer = result.ok && (scenario.on === 'server' || scenario.name === 'readme');
    if (!this.#isServer) await this.end();
    return result;
  }

  async #machineFor(suite: Suite, scenario: Scenario, say: (text: string) => void): Promise<Machine> {
    if (this.#machine && this.#isServer && scenario.on === 'server') return this.#machine;
    await this.end();
    const name = `aegir-${suite}`;
    const machine = new Machine(join(machinesFolder(), `run-${process.pid}-${suite}`), name);
    this.#machine = machine;
    const image = join(machinesFolder(), `server-${suite}-${programHash()}`);
    const isMade = scenario.on === 'server' && existsSync(image);
    machine.copyFrom(isMade ? image : baseOf(suite, say));
    await machine.up();
    if (scenario.on === 'bare' || isMade) return machine;
    say('making a server (kept until the program changes)');
    await makeServer(machine);
    await machine.down();
    for (const name of readdirSync(machinesFolder()).filter((one) => one.startsWith(`server-${suite}-`)))
      rmSync(join(machinesFolder(), name), { recursive: true });
    machine.keepAs(image);
    await machine.up();
    return machine;
  }
}

/** Takes away what a run that was killed has left: only folders, for its machines ended with it. */
export function sweep(): void {
  mkdirSync(machinesFolder(), { recursive: true, mode: 0o700 });
  for (const name of readdirSync(machinesFolder())) {
    const [, pid] = /^(?:run|making)-(\d+)-/.exec(name) ?? [];
    if (pid && !isRun(Number(pid))) rmSync(join(machinesFolder(), name), { recursive: true, force: true });
  }
}

const isRun = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('machines/main.ts');
