import type { Act, Command, Facts } from '../model/command.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { idUnderCursor, shownList } from '../pages/list.ts';
import { siteNames } from '../tables/site-facts.ts';
import { targetNames } from './command.ts';

const aliasReason = (state: ConsoleState, facts: Facts): string | undefined =>
  facts.refusal('site.alias', { kind: 'site', name: currentPage(state).name });

const aliasHere = (state: ConsoleState): string | undefined => {
  const name = idUnderCursor(shownList(state));
  const { site } = state.data;
  return site && siteNames(site).find((one) => one.kind === 'alias' && one.name === name)?.name;
};

const changeNames = (act: Act, given: Record<string, string>): void =>
  act.beginTask('site.alias', [{ kind: 'site', name: currentPage(act.state()).name }], given);

const names = { scopes: ['tab:site.aliases'], danger: 'none', changes: true } as const;

/** What is looked at and done on the page of a site, beside its tasks. */
export const siteCommands: readonly Command[] = [
  {
    id: 'verify-check',
    title: 'What verify would change',
    short: 'check',
    keys: ['V'],
    scopes: ['on:site'],
    danger: 'none',
    help: 'Shows which files, owners and modes of the site are not as they should be; nothing is queued.',
    takes: 'site',
    disabledReason(state) {
      const { length } = targetNames(state, 'site');
      if (length === 0) return 'there is no site here';
      return length > 1 ? 'it is done with one site at a time' : undefined;
    },
    run(act, given) {
      const [uri] = given === '' ? targetNames(act.state(), 'site') : [given];
      if (uri === undefined) act.notify('Say which site: :verify-check NAME', 'warn');
      else act.planVerify(uri);
    },
  },
  {
    ...names,
    id: 'alias-add',
    title: 'Add a name',
    short: 'add',
    keys: ['+'],
    help: 'Asks for names that the site is to answer to as well.',
    footer: 3,
    disabledReason: aliasReason,
    run: (act) => changeNames(act, { remove: '' }),
  },
  {
    ...names,
    id: 'alias-remove',
    title: 'Remove the name',
    short: 'remove',
    keys: ['-'],
    help: 'Opens the form that takes the name under the cursor away from the site.',
    footer: 3,
    disabledReason: (state, facts) =>
      aliasReason(state, facts) ?? (aliasHere(state) ? undefined : 'the URI stays: rename the site instead'),
    run: (act) => changeNames(act, { add: '', remove: aliasHere(act.state()) ?? '' }),
  },
];
