import type { Host } from '../provision/host/host.ts';
import type { ServerContext } from '../provision/model/context.ts';
import type { ErrorDocument } from '../provision/model/errors.ts';
import type { SetupTarget } from './target.ts';

/**
 * The result of one check, as printed by doctor and shown on the console's Home page. `message` says what was found,
 * `hint` what to do about it; both and the code are '' if nothing is wrong.
 */
export interface Finding extends ErrorDocument {
  id: string;
  title: string;
  state: 'ok' | 'wrong' | 'warning';
  /** Setup can fix it. */
  fixable: boolean;
  /** The checks after it cannot be fixed while this is wrong. */
  stops: boolean;
}

/** The input of checks. `server` is what was found so far; services that are not installed are missing from it. */
export interface SetupContext {
  target: SetupTarget;
  host: Host;
  server: ServerContext;
}

/** The problem that a check found; undefined if there is none. A `warning` does not count as a failure. */
export interface Wrong extends ErrorDocument {
  warning?: boolean;
  /** Only a person can fix it, even if setup fixes other problems of the same check. */
  byHand?: boolean;
}

/** One property of a machine that is a server: doctor checks it, setup establishes it. */
export interface Check {
  id: string;
  title: string;
  stops?: boolean;
  check(context: SetupContext): Promise<Wrong | undefined>;
  /** Fixes it, through acts alone; idempotent. */
  fix?(context: SetupContext): Promise<void>;
}

/** Runs one check. */
export async function findingOf(check: Check, context: SetupContext): Promise<Finding> {
  const { id, title, stops = false } = check;
  const wrong = await check.check(context);
  if (!wrong) return { id, title, state: 'ok', message: '', hint: '', fixable: false, stops, code: '' };
  const state = wrong.warning ? 'warning' : 'wrong';
  return {
    id,
    title,
    state,
    message: wrong.message,
    hint: wrong.hint,
    fixable: check.fix !== undefined && !wrong.byHand,
    stops,
    code: wrong.code,
  };
}
