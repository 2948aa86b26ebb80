import { type ConsoleState, currentPage } from '../../state/model/state.ts';
import { currentLog } from '../../state/pages/definition.ts';
import type { Theme } from '../theme.ts';
import { type Line, line } from '../widgets/lines.ts';
import { logLines } from '../widgets/log.ts';

/** A page that is a log, or says why there is none. */
export function logPageLines(state: ConsoleState, theme: Theme): Line[] {
  const missing = currentLog(state)?.missing?.(state, currentPage(state));
  return missing === undefined ? logLines(state, theme) : [line(` ${missing}`, 'warn')];
}
