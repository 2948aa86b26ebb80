import { AegirError } from '../provision/model/errors.ts';
import { askLine } from './ask-line.ts';
import type { Session } from './session.ts';

/** What is asked before something that cannot simply be brought back. */
export interface Question {
  /** For a person at a terminal: `Remove /var/aegir-try with all of its sites?` */
  asks: string;
  /** The same for whoever cannot be asked: `/var/aegir-try would be lost with its sites`. */
  would: string;
  /** What a no comes to: `Nothing was removed`. */
  no: string;
}

/**
 * Asks somebody at a terminal, unless `--yes` has answered; anything but yes is a no. Throws `DECLINED` after a no, and
 * `CONFIRMATION_NEEDED` where nobody can be asked.
 */
export async function agree({ options, out }: Session, { asks, would, no }: Question): Promise<void> {
  if (options.yes) return;
  if (!process.stdin.isTTY || out.json)
    throw new AegirError('CONFIRMATION_NEEDED', would, 'If that is meant, add: --yes');
  if (!saysYes(await askLine(`${asks} [y/N] `))) throw declined(no);
}

/** What a no comes to where a task would have been queued. */
export const NOTHING_QUEUED = 'Nothing was queued';

/** Whether an answer is a yes; an empty one is not. */
export const saysYes = (answer: string): boolean => /^y(es)?$/i.test(answer);

/** That a person has said no: it is told calmly, for nothing went wrong. */
export const declined = (no: string): AegirError => new AegirError('DECLINED', no);
