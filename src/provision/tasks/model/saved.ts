import type { z } from 'zod';
import type { Json } from '../../model/errors.ts';
import type { Step, StepIo } from './task.ts';

/** The io of a step whose record has a shape. */
export type SavingIo<S> = Omit<StepIo, 'save'> & { save(saved: S): void };

/**
 * A step that records what was there before it acts. `saved` is the shape of that record: it is checked when the journal
 * is read back for an undo, which may happen years and versions later.
 */
export function savingStep<C, S>({
  saved: shape,
  run,
  undo,
  ...step
}: Pick<Step<C>, 'name' | 'title' | 'visitors'> & {
  saved: z.ZodType<S>;
  run(ctx: C, io: SavingIo<S>): Promise<void>;
  undo(ctx: C, io: StepIo, saved: S): Promise<void>;
}): Step<C> {
  return {
    ...step,
    run: (ctx, io) => run(ctx, io as SavingIo<S>),
    undo: (ctx, io, saved) => undo(ctx, io, shape.parse(saved)),
  };
}

/** A part of a task's result with a shape: one step reports it, later ones and the commit read it. */
export interface ResultPart<T> {
  report(io: Pick<StepIo, 'report'>, value: T): void;
  /** Undefined if no step has reported it. */
  in(result: Readonly<Record<string, Json>>): T | undefined;
}

/** Defines the part of a task's result that is called `name`. */
export const resultPart = <T>(name: string, shape: z.ZodType<T>): ResultPart<T> => ({
  report: (io, value) => io.report({ [name]: value as Json }),
  in: (result) => shape.optional().parse(result[name] ?? undefined),
});
