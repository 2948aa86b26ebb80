import { AegirError } from '../provision/model/errors.ts';
import { askLine } from './ask-line.ts';
import type { Session } from './session.ts';

/** The question before something that cannot simply be undone. */
export interface Question {
  /** Asked at a terminal: `Remove /var/aegir-try with all of its sites?` */
  question: string;
  /** The error message without a terminal: `/var/aegir-try would be lost with its sites`. */
  consequence: string;
  /** The message after a no: `Nothing was removed`. */
  declined: string;
}

/**
 * Asks for confirmation at a terminal, unless `--yes` is given; every answer but yes is a no. Throws `DECLINED` after a
 * no, and `CONFIRMATION_NEEDED` without a terminal.
 */
export async function askConfirmation(
  { options, out }: Session,
  { question, consequence, declined: outcome }: Question,
): Promise<void> {
  if (options.yes) return;
  if (!process.stdin.isTTY || out.json)
    throw new AegirError('CONFIRMATION_NEEDED', consequence, 'To confirm, add: --yes');
  if (!isYes(await askLine(`${question} [y/N] `))) throw declined(outcome);
}

/** The message after a no to the question before a task is queued. */
export const NOTHING_QUEUED = 'Nothing was queued';

/** True if an answer means yes; an empty one does not. */
export const isYes = (answer: string): boolean => /^y(es)?$/i.test(answer);

/** The error after a person's no. It is printed without a code, since nothing went wrong. */
export const declined = (outcome: string): AegirError => new AegirError('DECLINED', outcome);
