import type { Suite } from './base.ts';
import type { Machine } from './machine.ts';

/** What a scenario is given. */
export interface Trial {
  machine: Machine;
  suite: Suite;
  /** Draws the moments of a sample; the same ones for the same number. */
  seed: number;
  /** Every moment instead of a sample. */
  all: boolean;
  /** Of these only what no earlier run has found to be well. */
  rest: boolean;
  /** One line for the person who waits. */
  say(text: string): void;
}

/** Something that people do with a machine. It throws an `Error` that says what a person would have seen. */
export interface Scenario {
  name: string;
  /** What docs/setup.md says of it. */
  title: string;
  /** A machine that has just been installed, or one that is a server already (the README was followed on it). */
  on: 'bare' | 'server';
  /** The lines that say what exactly was tried; kept with the result. */
  run(trial: Trial): Promise<string[]>;
}
