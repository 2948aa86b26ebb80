import type { ConsoleState, Finding } from '../../state/model/state.ts';
import { findingSign } from '../../state/tables/finding-table.ts';
import { wrapText } from '../../state/text/format.ts';
import type { Theme } from '../theme.ts';
import { type Line, line } from '../widgets/lines.ts';

/** The page of a machine that is not set up: what can be done next, what is missing, what is in order. */
export function homePageLines(state: ConsoleState, theme: Theme): Line[] {
  const { findings = [] } = state;
  const good = findings.filter((finding) => finding.state === 'good').map(({ title }) => title);
  const other = findings.filter((finding) => finding.state !== 'good');
  return [
    line(' This machine is not set up to host sites yet.'),
    [],
    [{ text: ' The ways on', bold: true }],
    ...waysOn(state),
    ...section(
      'What is missing',
      other.flatMap((finding) => findingLines(finding, state.columns, theme)),
    ),
    ...section('What is in order', good.length > 0 ? indented(good.join(', '), state.columns, 3, 'dim') : []),
    ...(state.findings ? [] : [[], line(' Looking at this machine …', 'dim')]),
  ];
}

const section = (title: string, lines: Line[]): Line[] =>
  lines.length > 0 ? [[], [{ text: ` ${title}`, bold: true }], ...lines] : [];

function findingLines(finding: Finding, columns: number, theme: Theme): Line[] {
  const { title, message, hint } = finding;
  const { glyph, tone } = findingSign(finding);
  const [first = [], ...rest] = indented(message === '' ? title : `${title}: ${message}`, columns, 5);
  return [
    [{ text: `   ${theme.glyphs[glyph]} `, tone }, ...first.map((span) => ({ ...span, text: span.text.trimStart() }))],
    ...rest,
    ...(hint === '' ? [] : indented(hint, columns, 5, 'dim')),
  ];
}

/** A text in at most two lines: all of it is in `aegir doctor`. */
function indented(text: string, columns: number, by: number, tone?: 'dim'): Line[] {
  const [first = '', second = '', more] = wrapText(text, columns - by - 4);
  const shown = [first, more === undefined ? second : `${second} …`].filter(Boolean);
  return shown.map((part) => line(' '.repeat(by) + part, tone));
}

function waysOn({ asRoot, canSetUp, rows }: ConsoleState): Line[] {
  const here = asRoot && canSetUp;
  return [
    asRoot || !canSetUp
      ? [{ text: '   aegir try', bold: true }, { text: '  makes a real site without root, on services of its own' }]
      : [{ text: '   t', bold: true }, { text: '  tries it: a real site in a minute, without root' }],
    here
      ? [{ text: '   s', bold: true }, { text: '  sets this machine up as a server; it shows its plan and asks first' }]
      : [
          { text: '   sudo aegir setup', bold: true },
          { text: '  makes this machine a server; --dry-run shows the plan' },
        ],
    [{ text: '   :tour', bold: true }, { text: '  shows you round: what a site, a platform and a task are' }],
    [{ text: '   aegir doctor', bold: true }, { text: '  says what is missing, and how to mend it' }],
    [
      { text: '   aegir site import', bold: true },
      { text: '  once set up: takes over sites of another Aegir or host' },
    ],
    // Where there is little room, what is missing comes first.
    ...(rows < 20
      ? []
      : [
          [
            { text: '   aegir backup import, rebuild', bold: true },
            { text: '  once set up: sites from their backups' },
          ],
        ]),
  ];
}
