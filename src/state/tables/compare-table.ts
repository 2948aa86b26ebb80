import type { PackageDifference } from '../../provision/engines/compare-packages.ts';
import type { PlatformComparison, SiteComparison } from '../../worker/compare.ts';
import type { Cell } from '../model/parts.ts';
import type { TableSpec } from './table.ts';

/** The two platforms that a page compares: its name is both, with a blank between. */
export function comparedPlatforms(name: string): { from: string; to: string } {
  const [from = '', to = ''] = name.split(' ');
  return { from, to };
}

/** Why a site cannot move, else the most important consequence of its move. */
export const whyOf = ({ blocked, changes, notes }: SiteComparison): string =>
  blocked[0]?.message ??
  changes
    .filter(({ verdict }) => verdict === 'downgrade')
    .map(({ name, from, to }) => `${name} goes from ${from} to ${to}`)[0] ??
  notes[0] ??
  (changes.length > 0 ? `${changes.length} of its packages change` : 'nothing that it uses changes');

const verdictCell = (site: SiteComparison): Cell =>
  site.verdict === 'ready'
    ? { text: 'ready', glyph: 'on', tone: 'good' }
    : { text: 'blocked', glyph: 'failed', tone: 'bad' };

/** What a move would mean for each site. */
export const moveTable: TableSpec<SiteComparison> = {
  columns: [
    { title: 'SITE', width: 18, grow: 1 },
    { title: 'VERDICT', width: 10 },
    { title: 'WHY', width: 22, grow: 3 },
  ],
  id: (site) => site.uri,
  text: (site) => `${site.uri} ${site.verdict} ${whyOf(site)}`,
  fields: { site: (site) => site.uri, verdict: (site) => site.verdict },
  sort: [(site) => site.uri, (site) => site.verdict, whyOf],
  cells: (site) => [{ text: site.uri }, verdictCell(site), { text: whyOf(site) }],
  empty: 'No site lives on this platform: there is nothing to move.',
};

const tones: Record<PackageDifference['verdict'], Cell['tone']> = {
  same: 'dim',
  upgrade: 'good',
  downgrade: 'warn',
  missing: 'bad',
  new: 'plain',
};

/** The packages of one platform compared with those of the other. */
export const differenceTable: TableSpec<PackageDifference> = {
  columns: [
    { title: 'PACKAGE', width: 16, grow: 1 },
    { title: 'KIND', width: 8, drop: 1 },
    { title: 'FROM', width: 11 },
    { title: 'TO', width: 11 },
    { title: 'VERDICT', width: 10 },
  ],
  id: ({ kind, name }) => `${kind} ${name}`,
  text: ({ kind, name, title, verdict }) => `${kind} ${name} ${title} ${verdict}`,
  fields: { kind: (one) => one.kind, package: (one) => one.name, verdict: (one) => one.verdict },
  sort: [(one) => one.name, (one) => one.kind, (one) => one.from, (one) => one.to, (one) => one.verdict],
  cells: ({ kind, name, from, to, verdict }) => [
    { text: name },
    { text: kind },
    { text: from || '–' },
    { text: to || '–' },
    { text: verdict, tone: tones[verdict] },
  ],
  empty: 'No packages are known of either. Verify both platforms: that looks at their code.',
};

/** What changes first, what is the same on both last. */
export const changesFirst = (comparison: PlatformComparison): PlatformComparison => ({
  ...comparison,
  packages: [
    ...comparison.packages.filter(({ verdict }) => verdict !== 'same'),
    ...comparison.packages.filter(({ verdict }) => verdict === 'same'),
  ],
});
