import type { z } from 'zod';
import { AegirError, type Json } from '../../model/errors.ts';
import type { Problem } from '../../model/work-io.ts';
import type { Creation, Records, Refusal } from './records.ts';
import type { InventoryChange, ObjectKind, Step, StepIo } from './task.ts';

/** A task definition without its context type, for the queue, forms and help pages. */
export interface AnyTask {
  type: string;
  title: string;
  summary: string;
  object: ObjectKind;
  keys?: readonly string[];
  footer?: number;
  several?: string;
  creates?: Creation<never>;
  available?(object: never, records: Records): Refusal | undefined;
  present?(object: never, records: Records): Record<string, string | number | null | undefined>;
  defaults?(records: Records, object: string, args: never): Record<string, unknown>;
  checkArgs?(records: Records, object: string, args: never): void;
  notes?(records: Records, object: string, args: never): { question: string[]; plan: string[] };
  removes?: boolean;
  leavesServices?: boolean;
  scheduledAlways?: boolean;
  answers?: readonly [string, ...string[]];
  danger: 'none' | 'confirm' | 'typed';
  loses?: string;
  args: z.ZodObject;
  timeLimitS: number;
  validate(ctx: unknown, io: StepIo, problem: Problem): Promise<void>;
  apply: Step<unknown>[];
  commit(ctx: unknown, result: Readonly<Record<string, Json>>): InventoryChange;
  cleanUp: Step<unknown>[];
}

/** The task types of a program. */
export interface Tasks {
  readonly list: readonly AnyTask[];
  /** A task type by its name; undefined if there is none. */
  find(type: string): AnyTask | undefined;
  /** A task type by its name. Throws `TASK_UNKNOWN`. */
  of(type: string): AnyTask;
}

/** The task types of a program. */
export function makeTasks(list: readonly AnyTask[]): Tasks {
  const byType = new Map(list.map((task) => [task.type, task]));
  return {
    list,
    find: (type) => byType.get(type),
    of(type) {
      const task = byType.get(type);
      if (task) return task;
      throw new AegirError(
        'TASK_UNKNOWN',
        `there is no task type ${type}`,
        `Known types: ${[...byType.keys()].join(', ')}.`,
      );
    },
  };
}
