import { findPlatform } from '../../../db/platforms.ts';
import { type PlatformComparison, refreshComparison, type SiteComparison } from '../../../worker/compare.ts';
import type { Act } from '../../model/command.ts';
import type { Data } from '../../model/data.ts';
import { type Dialog, emptyPage, type Page } from '../../model/state.ts';
import { changesFirst, comparedPlatforms, differenceTable, moveTable } from '../../tables/compare-table.ts';
import { definePage, type HeadFact, type PageSource } from '../definition.ts';
import { textFact } from '../facts.ts';
import { openPage } from '../navigation.ts';
import { tableFrom } from '../page-table.ts';
import { textDialog } from '../text-dialog.ts';

const noMoves: PlatformComparison['sites'] = [];
const noDifferences: PlatformComparison['packages'] = [];

/** Two platforms: what a move of the sites of the one to the other would mean. */
export const comparePage = definePage({
  kind: 'compare',
  title: 'Platforms',
  place: 'the comparison of two platforms: m on a platform',
  breadcrumb(_state, { name }) {
    const { from, to } = comparedPlatforms(name);
    return ['Platforms', from, `to ${to}`];
  },
  facts: ({ data: { comparison } }, { name }) =>
    comparison ? comparisonFacts(comparison) : `Not both of these are platforms (any more): ${name}.`,
  tabs: [
    {
      id: 'moves',
      title: 'Moves',
      place: 'the tab Moves of a comparison: m on a platform',
      table: tableFrom(moveTable, ({ data }) => data.comparison?.sites ?? noMoves),
      rowDialog(id, act) {
        const site = act.state().data.comparison?.sites.find(({ uri }) => uri === id);
        return site && moveDialog(site, act);
      },
      marks: true,
    },
    {
      id: 'differences',
      title: 'Differences',
      table: tableFrom(differenceTable, ({ data }) => data.comparison?.packages ?? noDifferences),
    },
  ],
  read: readComparison,
});

/** A comparison that is open is made once; then those sites are compared again that have changed. */
function readComparison({ db }: PageSource, { name }: Page, old: Data): Partial<Data> {
  const { from, to } = comparedPlatforms(name);
  const [one, other] = [findPlatform(db, from), findPlatform(db, to)];
  if (!one || !other) return { comparison: undefined, compared: undefined };
  const compared = refreshComparison(db, one, other, old.compared);
  const { comparison } = compared;
  if (compared === old.compared) return {};
  if (!old.comparison || comparison.packages !== old.compared?.comparison.packages)
    return { compared, comparison: changesFirst(comparison) };
  return { compared, comparison: { ...old.comparison, sites: comparison.sites } };
}

function comparisonFacts({ sites, packages }: PlatformComparison): HeadFact[][] {
  const ready = sites.filter(({ verdict }) => verdict === 'ready').length;
  const blocked = sites.length - ready;
  const count = (verdict: string): string => String(packages.filter((one) => one.verdict === verdict).length);
  return [
    [
      { name: 'can move', cell: { text: String(ready), tone: ready > 0 ? 'good' : 'plain' } },
      { name: 'blocked', cell: { text: String(blocked), tone: blocked > 0 ? 'bad' : 'plain' } },
    ],
    [
      textFact('same', count('same')),
      textFact('upgrades', count('upgrade')),
      textFact('downgrades', count('downgrade')),
      textFact('missing', count('missing')),
      textFact('new', count('new')),
    ],
    [textFact('m on Moves', 'moves all that can, or what is marked')],
  ];
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
