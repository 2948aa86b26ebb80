import type { SiteComparison } from '../../worker/compare.ts';
import type { Act } from '../model/command.ts';
import { type Choice, currentPage, type Dialog, emptyPage, type Finding } from '../model/state.ts';
import { settingsOf } from '../tables/site-facts.ts';
import { idUnderCursor, shownList } from './list.ts';
import { openPage } from './navigation.ts';
import { tabsOf } from './page-table.ts';

type TextDialog = Extract<Dialog, { kind: 'confirm' }>;

/** A text to be read, with what can be done about it. */
export const textDialog = (title: string, lines: readonly string[], choices: readonly Choice[] = []): TextDialog => ({
  kind: 'confirm',
  title,
  lines: [...lines],
  choices: [{ label: 'Close' }, ...choices],
  selected: 0,
  top: 0,
});

/** What enter shows of a row that has no page of its own: all that its line has no room for. */
export function rowDialog(act: Act): Dialog | undefined {
  const state = act.state();
  const { kind, tab } = currentPage(state);
  const id = idUnderCursor(shownList(state));
  switch (tabsOf[kind]?.[tab]) {
    case 'Doctor': {
      const finding = state.findings?.find(({ title }) => title === id);
      return finding && findingDialog(finding, act);
    }
    case 'Settings': {
      const site = state.data.site;
      const setting = site && settingsOf(site, state.data.siteMore).find(({ name, file }) => !file && name === id);
      return setting && textDialog(setting.name, [setting.value]);
    }
    case 'Moves': {
      const site = state.data.comparison?.sites.find(({ uri }) => uri === id);
      return site && moveDialog(site, act);
    }
    default:
      return undefined;
  }
}

function findingDialog({ title, state, detail, remedy }: Finding, act: Act): Dialog {
  const mend = state === 'missing' ? [{ label: 'Let setup mend it', run: () => act.runCommand('mend') }] : [];
  const said = state === 'good' ? ['Nothing is wrong with it.'] : [detail, '', remedy];
  return textDialog(title, said, mend);
}

/** Every reason, with what would make the move possible, and what changes for the site by it. */
function moveDialog({ uri, verdict, blocked, changes, notes }: SiteComparison, act: Act): Dialog {
  const changed = changes.map(
    ({ kind, name, from, to, verdict: how }) => `  ${how.padEnd(9)}  ${kind} ${name} ${from}${to && ` → ${to}`}`,
  );
  const open = { label: 'Open the site', run: () => act.update((state) => openPage(state, emptyPage('site', uri))) };
  return textDialog(
    `${uri} ${verdict === 'ready' ? 'can move' : 'is blocked'}`,
    [
      ...blocked.flatMap(({ message, hint }) => [`${message}.`, `  ${hint}`, '']),
      ...notes,
      ...(changed.length > 0
        ? ['What it uses and the other platform has otherwise:']
        : ['Nothing that it uses changes.']),
      ...changed,
    ],
    [open],
  );
}
