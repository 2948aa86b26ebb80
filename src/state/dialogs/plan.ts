import { describeError, type ErrorDocument } from '../../provision/model/errors.ts';
import type { TaskPlan } from '../../worker/plan-task.ts';
import type { TaskRequest } from '../../worker/queue-access.ts';
import { requestOf } from '../forms/begin-task.ts';
import type { Act } from '../model/command.ts';
import type { DialogTools, Outcome } from '../model/dialog.ts';
import { withDialog } from '../model/open-dialog.ts';
import type { PlanLine } from '../model/parts.ts';
import { currentForm, currentPage, type Dialog } from '../model/state.ts';
import { bodyHeight } from '../pages/layout.ts';
import { wrapText } from '../text/format.ts';

type PlanDialog = Extract<Dialog, { kind: 'plan' }>;

/** Finds out what the form on top would do, and shows it above the form. */
export function planForm(tools: { act: Act; planTask?: (request: TaskRequest) => Promise<TaskPlan> }): void {
  const { act, planTask } = tools;
  const form = currentForm(act.state())?.form;
  if (!form) return;
  if ('save' in form.definition) {
    act.notify('It is done at once, and changes no file.');
    return;
  }
  if (!planTask) {
    act.notify('This session cannot plan.', 'warn');
    return;
  }
  act.notify('Looking what it would do …');
  planTask(requestOf(form)).then(
    (plan) => showPlan(act, plan),
    (error) => showPlan(act, { first: [], acts: [], notNeeded: [], log: [], problem: describeError(error) }),
  );
}

/** Gives a key to a plan: enter queues what was planned, esc goes back to the form. */
export function pressPlan(dialog: PlanDialog, key: string, { act, queueForm }: DialogTools): Outcome | undefined {
  if (key === 'q') return { dialog: undefined };
  if (key === 'enter') return { dialog: undefined, run: dialog.possible ? queueForm : undefined };
  const state = act.state();
  const height = planHeight(bodyHeight(state));
  const by = steps(height)[key];
  if (by === undefined) return undefined;
  const last = Math.max(0, planRows(dialog.lines, state.columns).length - height);
  return { dialog: { ...dialog, top: Math.max(0, Math.min(dialog.top + by, last)) } };
}

/** Lines of a plan that a body of so many lines has room for. */
export const planHeight = (body: number): number => Math.max(1, body - 3);

/** The lines of a plan as a screen breaks them: a command is read whole before it is agreed to. */
export const planRows = (lines: readonly PlanLine[], columns: number): PlanLine[] =>
  lines.flatMap(({ text, tone }) => {
    const indent = ' '.repeat(text.search(/\S|$/));
    const [first = '', ...rest] = wrapText(text, columns - 2);
    if (rest.length === 0) return [{ text: first, tone }];
    const more = wrapText(rest.join(' '), columns - 4 - indent.length).map((part) => `${indent}  ${part}`);
    return [first, ...more].map((part) => ({ text: part, tone }));
  });

/** Finds out what verifying a site would change, and shows it. Nothing is queued. */
export function planVerify(
  tools: { act: Act; planTask?: (request: TaskRequest) => Promise<TaskPlan> },
  uri: string,
): void {
  const { act, planTask } = tools;
  if (!planTask) {
    act.notify('This session cannot plan.', 'warn');
    return;
  }
  act.notify(`Looking what verifying ${uri} would change …`);
  const before = currentPage(act.state());
  const show = (plan: TaskPlan): void =>
    act.update((state) => {
      const page = currentPage(state);
      // The person has gone elsewhere meanwhile.
      if (page.kind !== before.kind || page.name !== before.name || state.dialogs.length > 0) return state;
      // Asking the CMS changes nothing.
      const acts = plan.acts.filter(({ verb }) => verb !== 'user.run');
      const lines = [...actLines(acts), ...problemLines(plan.problem)];
      const dialog: PlanDialog = {
        ...{ kind: 'plan', title: `What verifying ${uri} would change`, lines, top: 0, possible: false, ofForm: false },
      };
      return withDialog(state, dialog);
    });
  planTask({ type: 'site.verify', object: uri, args: {} }).then(show, (error) =>
    show({ first: [], acts: [], notNeeded: [], log: [], problem: describeError(error) }),
  );
}

function showPlan(act: Act, plan: TaskPlan): void {
  act.update((state) => {
    const form = currentForm(state)?.form;
    // The form was left meanwhile.
    if (!form) return { ...state, notice: undefined };
    const { title, object } = form.definition;
    const dialog: PlanDialog = {
      kind: 'plan',
      title: `${title} ${object}: what it would do`,
      lines: [
        ...plan.first.map(plainLine),
        ...actLines(plan.acts),
        ...unneededLines(plan),
        ...problemLines(plan.problem),
      ],
      top: 0,
      possible: plan.problem === undefined,
      ofForm: true,
    };
    return withDialog(state, dialog);
  });
}

const plainLine = (text: string): PlanLine => ({ text, tone: 'plain' });

function actLines(acts: TaskPlan['acts']): PlanLine[] {
  return acts.flatMap(({ step, text, diff }, place) => [
    ...(acts[place - 1]?.step === step ? [] : [{ text: step, tone: 'accent' as const }]),
    { text: `  ${text}`, tone: 'plain' as const },
    ...diff.map((changed) => ({
      text: `    ${changed}`,
      tone: changed.startsWith('-') ? ('bad' as const) : ('good' as const),
    })),
  ]);
}

/** What is left out is seen too: that no backup is made, say. */
const unneededLines = ({ notNeeded }: TaskPlan): PlanLine[] =>
  notNeeded.map(({ step, why }) => ({ text: `${step}: not needed, ${why}`, tone: 'dim' }));

function problemLines(problem: ErrorDocument | undefined): PlanLine[] {
  if (!problem) return [];
  return [
    { text: `It cannot be done: ${problem.message}.`, tone: 'bad' },
    { text: problem.hint, tone: 'plain' },
  ];
}

const steps = (height: number): Record<string, number> => ({
  up: -1,
  k: -1,
  down: 1,
  j: 1,
  pgup: -height,
  pgdn: height,
  g: -Number.MAX_SAFE_INTEGER,
  G: Number.MAX_SAFE_INTEGER,
});
