import type { Act, Command } from '../model/command.ts';
import { openDialog } from '../model/open-dialog.ts';
import type { ConsoleState, Dialog, Finding } from '../model/state.ts';

/** Making this machine a server or a trial, and mending it. */
export const setupCommands: readonly Command[] = [
  {
    id: 'try',
    title: 'Try it with a real site',
    short: 'try it',
    keys: ['t'],
    scopes: ['page:home'],
    danger: 'none',
    help: 'Makes a real site on this machine without root, with services of its own below your home folder.',
    footer: 1,
    changes: true,
    disabledReason(state) {
      if (state.setUp) return 'there is a root already';
      if (state.asRoot) return 'a trial wants an ordinary user; as root run: aegir try';
      return state.canSetUp ? undefined : 'run: aegir try';
    },
    run: (act) => act.setUp('trial'),
  },
  {
    id: 'setup',
    title: 'Set this machine up as a server',
    short: 'set up',
    keys: ['s'],
    scopes: ['page:home'],
    danger: 'confirm',
    help: 'Installs what is missing and makes this machine a server. It shows its plan and asks first.',
    footer: 1,
    changes: true,
    disabledReason(state) {
      if (state.setUp) return 'this machine is set up';
      if (!state.asRoot) return 'it needs root: run sudo aegir setup';
      return state.canSetUp ? undefined : 'run: aegir setup';
    },
    run: (act) => openDialog(act, setupQuestion(act)),
  },
  {
    id: 'mend',
    title: 'Let setup mend this server',
    short: 'mend',
    keys: ['f'],
    scopes: ['page:server'],
    danger: 'confirm',
    help: 'Runs setup on the terminal, which makes what doctor finds missing; asks first.',
    footer: 6,
    changes: true,
    disabledReason(state) {
      if (state.data.servers[0]?.uidBase === 0) return 'a trial has no setup: aegir try starts its services';
      if (!state.asRoot) return 'it needs root: run sudo aegir setup';
      if (!state.canSetUp) return 'run: aegir setup';
      if (!state.findings) return 'nothing was looked at yet: the tab Doctor does';
      return missingOf(state).length > 0 ? undefined : 'doctor finds nothing that setup would mend';
    },
    run: (act) => openDialog(act, setupQuestion(act)),
  },
];

const missingOf = ({ findings = [] }: ConsoleState): Finding[] => findings.filter(({ state }) => state === 'missing');

/** What is missing is what setup does. */
function setupQuestion(act: Act): Dialog {
  const { setUp } = act.state();
  const missing = missingOf(act.state());
  return {
    kind: 'confirm',
    title: setUp ? 'Let setup mend this server?' : 'Set this machine up as a server?',
    lines: [
      'It installs and configures what is missing, as root, and says each thing that it does:',
      '',
      ...missing.map(({ title, message }) => `  ${message === '' ? title : `${title}: ${message}`}`),
    ],
    choices: [
      { label: 'No, leave it' },
      { label: setUp ? 'Yes, mend it' : 'Yes, set up', run: () => act.setUp('server') },
    ],
    selected: 0,
    top: 0,
  };
}
