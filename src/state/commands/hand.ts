import type { Act, Command, HandOver } from '../model/command.ts';
import { openDialog } from '../model/open-dialog.ts';
import { type ConsoleState, currentPage } from '../model/state.ts';
import { currentDefinition, currentLog, isOnTab } from '../pages/definition.ts';
import { idUnderCursor, shownList } from '../pages/list.ts';
import { currentObject } from './command.ts';
import { localFileWord } from './local-files.ts';

const siteHere = (state: ConsoleState): string | undefined => {
  const object = currentObject(state);
  if (object?.kind === 'site') return object.name;
  return currentDefinition(state).belongsToSite ? state.data.site?.uri : undefined;
};

const notSetUp = ({ setUp }: ConsoleState): string | undefined =>
  setUp ? undefined : 'this machine is not set up: run aegir setup';

const noSite = (state: ConsoleState): string | undefined =>
  notSetUp(state) ?? (siteHere(state) === undefined ? 'there is no site here' : undefined);

const inSite = { scopes: ['on:site', 'page:log'], danger: 'none', changes: true, disabledReason: noSite } as const;

/** Does something with the site that is looked at; says so where there is none, as on a `:` line. */
const withSite =
  (what: (uri: string, given: string, act: Act) => HandOver | undefined) =>
  (act: Act, given: string): void => {
    const uri = siteHere(act.state());
    const handOver = uri === undefined ? undefined : what(uri, given, act);
    if (uri === undefined) act.notify('There is no site here: go to one first, :site NAME', 'warn');
    else if (handOver) act.handOver(handOver);
  };

/** The file that is looked at, or whose row is under the cursor. */
function fileHere(state: ConsoleState): string | undefined {
  return currentLog(state)?.path?.(currentPage(state)) ?? rowHere(state);
}

function rowHere(state: ConsoleState): string | undefined {
  return isOnTab(state, 'site', 'settings') ? idUnderCursor(shownList(state)) : undefined;
}

/** A file that the program writes would lose what somebody writes into it. */
function notOwn(state: ConsoleState): string | undefined {
  const path = currentLog(state)?.path?.(currentPage(state)) ?? '';
  return path === '' || localFileWord(path) !== undefined
    ? undefined
    : 'the program writes this file anew; your lines belong into the local file beside it';
}

/** What is done by hand: the console steps aside and comes back as it was. */
export const handCommands: readonly Command[] = [
  {
    id: 'shell',
    title: 'Shell on the server',
    keys: ['!'],
    scopes: ['anywhere'],
    danger: 'none',
    help: 'Steps aside for your own shell on this machine; leaving it brings the console back.',
    changes: true,
    disabledReason: notSetUp,
    run: (act) => act.handOver({ kind: 'shell' }),
  },
  {
    ...inSite,
    id: 'exec',
    title: 'Shell in the site',
    short: 'shell',
    keys: ['x'],
    help: "Opens a shell in the site as its own user, where its drush, wp or spip works; ':exec WORDS' runs words there.",
    footer: 12,
    run: withSite((uri, line) => ({ kind: 'exec', uri, line })),
  },
  {
    ...inSite,
    id: 'database',
    title: 'Prompt of the database',
    keys: ['S'],
    help: "Opens the prompt of the site's database as its own account.",
    run: withSite((uri) => ({ kind: 'database', uri })),
  },
  {
    ...inSite,
    scopes: ['on:site', 'page:file'],
    id: 'edit',
    title: 'Edit own lines',
    short: 'edit',
    keys: ['e'],
    footer: 13,
    disabledReason: (state) => noSite(state) ?? notOwn(state),
    help: "Opens one of the site's local files in your editor; what PHP or the web server refuses is not taken.",
    run: withSite((uri, given, act) => {
      const file = given || localFileWord(fileHere(act.state()) ?? '');
      if (file !== undefined) return { kind: 'edit', uri, file };
      void askForFile(uri, act);
      return undefined;
    }),
  },
];

/** Asks which file, where it was not said. */
async function askForFile(uri: string, act: Act): Promise<void> {
  const files = await act.localFiles(uri);
  if (files.length === 0) {
    act.notify(`The local files of ${uri} are not there, or only root may see them.`, 'warn');
    return;
  }
  openDialog(act, {
    kind: 'confirm',
    title: `Which file of ${uri}?`,
    lines: files.map((word) => `${word.padEnd(10)} ${about[word] ?? ''}`),
    choices: [
      { label: 'None' },
      ...files.map((file) => ({ label: file, run: () => act.handOver({ kind: 'edit', uri, file }) })),
    ],
    selected: 1,
    top: 0,
  });
}

const about: Record<string, string> = {
  vhost: 'lines of the web server',
  pool: "lines of its PHP's pool",
  settings: 'settings that the CMS reads',
};
