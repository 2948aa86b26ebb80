import type { ConsoleState, Finding } from '../../state/model.ts';
import type { Theme } from '../theme.ts';
import { type Line, line } from '../widgets/lines.ts';

/** The page of a machine that is not set up: what was found, what is missing, the ways on. */
export function homePageLines(state: ConsoleState, theme: Theme): Line[] {
  return [
    [],
    line(' This machine is not set up to host sites yet.'),
    [],
    ...findingLines(state.findings, theme),
    [],
    [{ text: ' The ways on', bold: true }],
    ...waysOn(state),
  ];
}

function findingLines(findings: readonly Finding[] | undefined, theme: Theme): Line[] {
  if (!findings) return [line(' Nothing has been looked at yet. aegir doctor looks at this machine.', 'dim')];
  return [
    [{ text: ' What was found', bold: true }],
    ...findings.map(({ state, text, remedy }): Line => {
      const [glyph, tone] = signs[state];
      return [
        { text: `   ${theme.glyphs[glyph]} `, tone },
        { text },
        ...(remedy === '' ? [] : [{ text: `  ${remedy}`, tone: 'dim' as const }]),
      ];
    }),
  ];
}

const signs = { good: ['done', 'good'], missing: ['off', 'warn'], bad: ['failed', 'bad'] } as const;

function waysOn({ asRoot, canSetUp }: ConsoleState): Line[] {
  const here = asRoot && canSetUp;
  return [
    here
      ? [{ text: '   s', bold: true }, { text: '  sets this machine up as a server; it shows its plan and asks first' }]
      : [
          { text: '   sudo aegir setup', bold: true },
          { text: '  makes this machine a server; --dry-run shows the plan' },
        ],
    [{ text: '   aegir doctor', bold: true }, { text: '  says what is missing, and how to mend it' }],
    [{ text: '   q', bold: true }, { text: '  leaves' }],
  ];
}
