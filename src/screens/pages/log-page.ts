import { fileOfPage, logOfPage } from '../../state/model/log.ts';
import { type ConsoleState, currentPage } from '../../state/model/state.ts';
import type { Theme } from '../theme.ts';
import { type Line, line } from '../widgets/lines.ts';
import { logLines } from '../widgets/log.ts';

/** The page of a log that a service writes for a site, or of a file that is written for it. */
export function logPageLines(state: ConsoleState, theme: Theme): Line[] {
  const { kind, name } = currentPage(state);
  const log = kind === 'file' ? fileOfPage(name) : logOfPage(name);
  if (!log || state.data.site?.uri !== log.uri)
    return [line(` There is no site ${log?.uri ?? ''} (any more).`, 'warn')];
  return logLines(state, theme);
}
