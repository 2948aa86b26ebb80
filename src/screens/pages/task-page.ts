import { type ConsoleState, currentPage } from '../../state/model/state.ts';
import { taskLayout, workerMissing } from '../../state/pages/layout.ts';
import { percentOf, signOf, stepStateText } from '../../state/tables/cells.ts';
import { timeOf } from '../../state/tables/tables.ts';
import { formatAgo, formatClock, formatProgress, formatSpan } from '../../state/text/format.ts';
import type { Theme } from '../theme.ts';
import { type Line, line, splitLine } from '../widgets/lines.ts';
import { logLines } from '../widgets/log.ts';

/** The page of a task: how it stands, its steps as a checklist, its log. */
export function taskPageLines(state: ConsoleState, theme: Theme): Line[] {
  const { task } = state.data;
  if (!task || String(task.id) !== currentPage(state).name)
    return [line(` There is no task ${currentPage(state).name}.`, 'warn')];
  const layout = taskLayout(state);
  const log = logLines(state, theme);
  if (currentPage(state).log.whole) return log;
  return [
    statusLine(state, theme),
    ...layout.message.map(({ text, tone }) => line(`   ${text}`, tone)),
    ...stepLines(state, theme, layout.steps),
    ...log,
  ];
}

function statusLine(state: ConsoleState, theme: Theme): Line {
  const { task } = state.data;
  if (!task) return [];
  const { glyph, tone } = signOf(task.state);
  const time = timeOf(task, state.now);
  const about = [
    `task ${task.id}`,
    task.attempt > 1 ? `attempt ${task.attempt} of task ${task.retryOf}` : '',
    task.batch === null ? '' : `batch ${task.batch.slice(0, 8)}`,
    `queued ${formatAgo(task.queuedAt, state.now)}${task.queuedBy ? ` by ${task.queuedBy}` : ''}`,
  ].filter(Boolean);
  const waits = task.state === 'queued' && !workerMissing(state);
  const waiting = waits ? 'it waits for a worker, or for another task on the same object' : '';
  return splitLine(
    [
      {
        text: ` ${theme.glyphs[glyph]} ${task.cancelRequestedAt && !task.endedAt ? 'being cancelled' : task.state}`,
        tone,
        bold: true,
      },
      { text: `   ${about.join('   ')}   ${waiting}`, tone: 'dim' },
    ],
    time === undefined ? [] : [{ text: `${formatClock(time)} ` }],
    state.columns,
  );
}

/** Steps with their times; where they do not all fit, those round the one that runs. */
function stepLines(state: ConsoleState, theme: Theme, room: number): Line[] {
  const { steps, task } = state.data;
  const active = steps.findIndex((step) => step.state === 'running' || step.state === 'undoing');
  const failed = steps.findIndex((step) => step.state === 'failed');
  const focus = active >= 0 ? active : failed >= 0 ? failed : steps.length;
  const from = Math.max(0, Math.min(focus - Math.floor(room / 2), steps.length - room));
  return steps.slice(from, from + room).map((step) => {
    const { glyph, tone } = signOf(step.state);
    const busy = step.state === 'running' || step.state === 'undoing';
    const quiet = step.state === 'waiting' || step.state === 'notNeeded';
    const time = timeOf(step, state.now);
    const progress = busy && task?.progress?.step === step.name ? task.progress : null;
    const percent = percentOf(progress);
    const right = [
      progress ? formatProgress(progress) : '',
      percent === undefined ? '' : `${percent}%`,
      time === undefined || quiet ? '' : formatSpan(time),
    ];
    return splitLine(
      [
        { text: `   ${theme.glyphs[glyph]} `, tone },
        { text: step.title, ...(busy ? { bold: true } : quiet ? { tone: 'dim' as const } : {}) },
        ...(step.state === 'undone' || step.state === 'undoing' ? [{ text: `  ${step.state}`, tone }] : []),
        ...(step.state === 'notNeeded'
          ? [{ text: `  ${stepStateText(step.state)}${step.note ? `: ${step.note}` : ''}`, tone }]
          : []),
        ...(step.error && step.state === 'failed' ? [{ text: `  ${step.error}`, tone: 'bad' as const }] : []),
      ],
      [{ text: `${right.filter(Boolean).join('   ')} `, tone: 'dim' }],
      state.columns,
    );
  });
}
