import type { Host } from '../provision/host/host.ts';
import type { ServerContext } from '../provision/model/context.ts';
import type { SetupTarget } from './target.ts';

/** What one check says, as doctor prints it and the console's Home page shows it. */
export interface Finding {
  id: string;
  title: string;
  state: 'ok' | 'wrong' | 'warning';
  /** What was found. */
  detail: string;
  /** What to do about it; '' where nothing is needed. */
  remedy: string;
  /** Setup can mend it. */
  fixable: boolean;
  /** Nothing that comes after can be done while this is wrong. */
  stops: boolean;
  /** Stable code of what is wrong. */
  code: string;
}

/** What checks work with. `server` is what was found so far; services that are not installed are missing from it. */
export interface SetupContext {
  target: SetupTarget;
  host: Host;
  server: ServerContext;
}

/** What a check found wrong; undefined when all is well. `warning` is said and does not count as a failure. */
export interface Wrong {
  code: string;
  detail: string;
  remedy: string;
  warning?: boolean;
  /** Only a person can mend it, also where setup mends other things that the check finds. */
  byHand?: boolean;
}

/** One fact of a machine that is a server: doctor checks it, setup makes it so. */
export interface Check {
  id: string;
  title: string;
  stops?: boolean;
  check(context: SetupContext): Promise<Wrong | undefined>;
  /** Makes it so, through acts alone; done twice it ends as done once. */
  fix?(context: SetupContext): Promise<void>;
}

/** Runs one check. */
export async function findingOf(check: Check, context: SetupContext): Promise<Finding> {
  const { id, title, stops = false } = check;
  const wrong = await check.check(context);
  if (!wrong) return { id, title, state: 'ok', detail: '', remedy: '', fixable: false, stops, code: '' };
  const state = wrong.warning ? 'warning' : 'wrong';
  return {
    id,
    title,
    state,
    detail: wrong.detail,
    remedy: wrong.remedy,
    fixable: check.fix !== undefined && !wrong.byHand,
    stops,
    code: wrong.code,
  };
}
