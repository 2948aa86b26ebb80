import { logRows, logStatus } from '../../state/log/lines.ts';
import type { ConsoleState } from '../../state/model/state.ts';
import { currentLog } from '../../state/pages/definition.ts';
import type { Theme } from '../theme.ts';
import { type Line, line, type Span, widthOfLine } from './lines.ts';

/** A log: its title, and the lines that are in sight. */
export const logLines = (state: ConsoleState, theme: Theme): Line[] => [logTitle(state, theme), ...rows(state, theme)];

function logTitle(state: ConsoleState, theme: Theme): Line {
  const title: Line = [
    { text: `${theme.glyphs.rule.repeat(2)} `, tone: 'dim' },
    { text: currentLog(state)?.still ? 'File' : 'Log', bold: true },
    { text: ` ${logStatus(state)} `, tone: 'dim' },
  ];
  return [...title, { text: theme.glyphs.rule.repeat(Math.max(0, state.columns - widthOfLine(title))), tone: 'dim' }];
}

function rows(state: ConsoleState, theme: Theme): Line[] {
  const { problem, first, end } = state.data.log;
  if (problem !== '') return [line(`   ${problem}`, 'dim')];
  if (first === end) return [line('   No line is of this level. s shows others.', 'dim')];
  return logRows(state).map(({ here, head, marked, glyph, time, text, tone }): Line => {
    const sign = marked ? theme.glyphs.mark : glyph ? theme.glyphs[glyph] : ' ';
    return [
      { text: here && head ? theme.glyphs.cursor : ' ', tone: 'accent' },
      { text: `${sign} `, tone: marked && tone === 'plain' ? 'accent' : tone },
      ...(time === '' ? [] : [{ text: `${time}  `, tone: 'dim' } satisfies Span]),
      { text, tone, bold: here },
    ];
  });
}
