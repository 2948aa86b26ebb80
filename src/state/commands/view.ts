import type { Command } from '../model/command.ts';
import { openDialog } from '../model/open-dialog.ts';
import { type ConsoleState, currentPage, type Dialog } from '../model/state.ts';
import { changeList, shownList } from '../pages/list.ts';
import { goBack, leavePage } from '../pages/navigation.ts';
import { beginTour } from '../pages/tour.ts';
import { editText } from '../text/text-edit.ts';
import { goToCommand } from './pages.ts';

const anywhere = { scopes: ['anywhere'], danger: 'none' } as const;

/** What works on every page. */
export const viewCommands: readonly Command[] = [
  {
    ...goToCommand('task', 'Go to a log', (page) => ({ ...page, log: { ...page.log, whole: true } })),
    id: 'log',
    help: 'Opens the log of a task by its number, from the : line; z shows the steps above it.',
  },
  {
    ...anywhere,
    id: 'last-task',
    title: 'Show what I queued last',
    keys: ['T'],
    help: 'Opens the task that you queued last, or the batch when they were several.',
    disabledReason: ({ lastQueued }) => (lastQueued.length === 0 ? 'you have queued nothing yet' : undefined),
    run: (act) => act.tasks.showLast(),
  },
  {
    id: 'filter',
    title: 'Filter',
    short: 'filter',
    keys: ['/'],
    scopes: ['list'],
    danger: 'none',
    help: 'Shows only lines with these words. !word hides, key:value looks in one column, ~word fuzzy.',
    footer: 80,
    takes: 'filter',
    run(act, given) {
      if (given !== '') return act.update((state) => changeList(state, (list) => ({ ...list, filter: given })));
      shownList(act.state())?.table.ready();
      openDialog(act, { kind: 'filter', edit: editText(currentPage(act.state()).list.filter) });
    },
  },
  {
    ...anywhere,
    id: 'line',
    title: 'Command line',
    short: 'command',
    keys: [':'],
    help: 'Type any command or place by name; tab completes, up and down bring earlier lines back.',
    footer: 90,
    run: (act) => openDialog(act, { kind: 'line', edit: editText(''), history: -1 }),
  },
  {
    ...anywhere,
    id: 'palette',
    title: 'Find anything',
    short: 'find',
    keys: ['ctrl-p'],
    help: 'Every command, and every site, its logs, platform, server, client, and the newest backups and tasks; enter goes there.',
    run: (act) => act.palette(),
  },
  {
    ...anywhere,
    id: 'tour',
    title: 'Guided tour',
    keys: [],
    help: 'Shows you round: what a site, a platform and a task are, and where to look when something failed.',
    run: (act) => beginTour(act),
  },
  {
    ...anywhere,
    id: 'help',
    title: 'Help',
    short: 'help',
    keys: ['?'],
    help: 'All that can be done here; type to search, enter does it.',
    footer: 99,
    run: (act) => openDialog(act, { kind: 'help', edit: editText(''), selected: 0 }),
  },
  {
    ...anywhere,
    id: 'back',
    title: 'Back',
    keys: ['esc', 'h', 'left'],
    help: 'Clears filter or marks, then goes to the page before.',
    run: (act) => act.update(goBack),
  },
  {
    ...anywhere,
    id: 'quit',
    title: 'Back or quit',
    keys: ['q'],
    help: 'Leaves this page; on a view it quits. ctrl-c twice quits from anywhere.',
    run(act) {
      if (act.state().pages.length > 1) act.update(leavePage);
      else act.quit();
    },
  },
  {
    ...anywhere,
    id: 'undo',
    title: 'Undo the last queueing',
    keys: ['u'],
    help: 'Cancels what you queued last, as long as it has not ended.',
    changes: true,
    disabledReason: ({ lastQueued }) => (lastQueued.length === 0 ? 'you have queued nothing yet' : undefined),
    run: (act) => act.tasks.undo(),
  },
  {
    ...anywhere,
    id: 'messages',
    title: 'What was said',
    keys: ['ctrl-n'],
    help: 'Shows the last notices whole, newest first: why something could not be done, how tasks ended.',
    disabledReason: ({ said }) => (said.length === 0 ? 'nothing was said yet' : undefined),
    run: (act) => openDialog(act, saidDialog(act.state())),
  },
  {
    ...anywhere,
    id: 'options',
    title: 'With options',
    keys: ['ctrl-o'],
    help: 'The task that you begin next opens its form, also where it would begin at once: a backup with a description.',
    changes: true,
    run(act) {
      act.update((state) => ({ ...state, withOptions: true }));
      act.notify('The next task opens its form.');
    },
  },
  {
    ...anywhere,
    id: 'refresh',
    title: 'Read again',
    keys: ['ctrl-r'],
    help: 'Reads everything again and asks the services how they are.',
    run: (act) => act.refresh(),
  },
  {
    ...anywhere,
    id: 'reopen',
    title: 'Reopen as the new program',
    keys: ['U'],
    help: 'Goes on as the program that was installed since this console was opened, in the same place.',
    disabledReason: ({ newer }) => (newer === undefined ? 'no other program was installed' : undefined),
    run: (act) => act.reopen(),
  },
  {
    ...anywhere,
    id: 'suspend',
    title: 'Suspend',
    keys: ['ctrl-z'],
    help: 'Back to the shell; fg brings the console back. Tasks that run in it wait meanwhile.',
    run: (act) => act.suspend(),
  },
];

const saidDialog = ({ said }: ConsoleState): Dialog => ({
  kind: 'confirm',
  title: 'What was said',
  lines: said.toReversed().flatMap(({ text, at }) => [`${new Date(at).toTimeString().slice(0, 8)}  ${text}`]),
  choices: [{ label: 'Close' }],
  selected: 0,
  top: 0,
});
