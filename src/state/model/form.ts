import type { Json } from '../../provision/model/errors.ts';
import type { Field } from '../../provision/tasks/model/fields.ts';
import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import type { TextEdit } from '../text/text-edit.ts';

/** A value that a field offers. */
export interface FormChoice {
  value: string;
  /** What is shown in its place, where it is long and says little. */
  shown?: string;
  label: string;
}

/**
 * A question of a form. `check` gives the reason why a text is no answer, beside the other answers of its form; '' is an
 * answer where nothing is required.
 */
export interface Question {
  name: string;
  title: string;
  help: string;
  secret: boolean;
  advanced: boolean;
  required: boolean;
  example: string;
  /** What the object has now; '' where that is not known. */
  now: string;
  kind: Field['kind'];
  choices: Field['choices'] | undefined;
  options: readonly string[];
  check(text: string, form?: FormState): string | undefined;
}

/** What a form is about: a task, or something that is done at once. */
export type FormTopic = AnyTask | AtOnce;

/** Something of the inventory alone that is done without a task. */
export interface AtOnce extends Pick<AnyTask, 'type' | 'title' | 'summary'> {
  creates: boolean;
  object: 'client';
  danger: 'none';
  /** Does it; throws what a person can mend. Gives what is said then. */
  save(name: string, args: Readonly<Record<string, Json>>): string;
}

/** A form being filled in. */
export interface FormState {
  definition: FormTopic;
  /** What it is done to; of a task that makes its object, a name to begin with or none. */
  objects: readonly string[];
  /** Where what was typed is kept when the form is left. */
  draft: string;
  questions: readonly Question[];
  values: Readonly<Record<string, TextEdit>>;
  /** Name of the question that has the keys. */
  current: string;
  advanced: boolean;
  /** True once the current answer was typed in: then choices are narrowed by it. */
  typed: boolean;
  /** The choice under the cursor, -1 for none. */
  picked: number;
  /** Questions that were left, or tried to queue: their problems are shown. */
  seen: ReadonlySet<string>;
  /** What the queue said. */
  refusal: { field: string | undefined; message: string; hint: string } | undefined;
}
