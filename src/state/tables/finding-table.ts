import type { Cell, GlyphName, Tone } from '../model/parts.ts';
import type { Finding } from '../model/state.ts';
import type { TableSpec } from './table.ts';

const signs = {
  bad: ['failed', 'bad', 'wrong'],
  missing: ['off', 'warn', 'missing'],
  warning: ['warning', 'warn', 'warning'],
  good: ['done', 'good', 'in order'],
} as const satisfies Record<Finding['state'], readonly [GlyphName, Tone, string]>;

/** Glyph and tone of what was found. */
export const findingSign = ({ state }: Finding): { glyph: GlyphName; tone: Tone } => {
  const [glyph, tone] = signs[state];
  return { glyph, tone };
};

const stateCellOf = (finding: Finding): Cell => ({ ...findingSign(finding), text: signs[finding.state][2] });

/** What doctor has found on a machine. */
export const findingTable: TableSpec<Finding> = {
  columns: [
    { title: 'CHECK', width: 20, grow: 2 },
    { title: 'STATE', width: 10 },
    { title: 'FOUND', width: 14, grow: 3 },
    { title: 'REMEDY', width: 18, grow: 3, drop: 1 },
  ],
  id: (finding) => finding.title,
  text: ({ title, message, hint }) => `${title} ${message} ${hint}`,
  fields: { check: (finding) => finding.title, state: (finding) => signs[finding.state][2] },
  sort: [(one) => one.title, (one) => Object.keys(signs).indexOf(one.state), (one) => one.message, (one) => one.hint],
  cells: (finding) => [
    { text: finding.title },
    stateCellOf(finding),
    { text: finding.message || '–' },
    { text: finding.hint || '–' },
  ],
  empty: 'Looking at this machine …',
};

/** Findings in order of severity, the worst first. */
export const worstFirst = (findings: readonly Finding[]): Finding[] =>
  Object.keys(signs).flatMap((state) => findings.filter((finding) => finding.state === state));
