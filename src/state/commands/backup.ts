import type { Act, Command, Facts } from '../model/command.ts';
import type { ConsoleState } from '../model/state.ts';
import { findBackupLine } from '../tables/backup-table.ts';
import { targetNames } from './command.ts';

const backup = { scopes: ['on:backup'], danger: 'none', takes: 'backup' } as const;

const none = (state: ConsoleState): string | undefined =>
  targetNames(state, 'backup').length === 0 ? 'there is no backup here' : undefined;

const one = (state: ConsoleState): string | undefined =>
  none(state) ?? (targetNames(state, 'backup').length > 1 ? 'it is done with one backup at a time' : undefined);

const chosenBackups = (act: Act, given: string): readonly string[] =>
  given === '' ? targetNames(act.state(), 'backup') : [given];

/** Does something with one backup; says so where there is none, as on a `:` line. */
const withOne =
  (run: (act: Act, name: string) => void) =>
  (act: Act, given: string): void => {
    const [name] = chosenBackups(act, given);
    if (name === undefined) act.notify('Say which backup: its name', 'warn');
    else run(act, name);
  };

/** A backup is put over its site; where that is gone, a new site is made of it. */
function restoreReason(state: ConsoleState, facts: Facts): string | undefined {
  const [name = ''] = targetNames(state, 'backup');
  const uri = findBackupLine(state, name)?.uri;
  return one(state) ?? (uri === undefined ? undefined : facts.refusal('site.restore', { kind: 'site', name: uri }));
}

/** A backup's name begins with the URI of its site. */
const uriOf = (state: ConsoleState, name: string): string =>
  findBackupLine(state, name)?.uri ?? name.replace(/-\d{8}T\d{6}Z-[0-9a-f]+$/, '');

/** What is done with backups. */
export const backupCommands: readonly Command[] = [
  {
    ...backup,
    id: 'backup-restore',
    title: 'Restore its site from it',
    short: 'restore',
    keys: ['B'],
    danger: 'typed',
    help: 'Brings the site back as it is in this backup; a safety backup of the site as it is now is made first.',
    footer: 3,
    changes: true,
    disabledReason: restoreReason,
    run: withOne((act, name) =>
      act.beginTask('site.restore', [{ kind: 'site', name: uriOf(act.state(), name) }], { backup: name }),
    ),
  },
  {
    ...backup,
    id: 'backup-new-site',
    title: 'New site from it',
    short: 'new site',
    keys: ['n'],
    help: 'Makes a new site of this backup, on a platform of the same CMS.',
    footer: 4,
    changes: true,
    disabledReason: one,
    run: withOne((act, name) => act.beginTask('site.import', [], { backup: name })),
  },
  {
    ...backup,
    id: 'backup-check',
    title: 'Check the backup',
    short: 'check',
    keys: ['v'],
    help: 'Reads all of it back and compares its sums.',
    footer: 5,
    disabledReason: none,
    run: (act, given) => act.backups.check(chosenBackups(act, given)),
  },
  {
    ...backup,
    id: 'backup-export',
    title: 'Export the backup',
    short: 'export',
    keys: ['x'],
    help: 'Writes it as one file, which another machine can take in.',
    footer: 6,
    changes: true,
    disabledReason: one,
    run: withOne((act, name) => act.backups.askExport(name)),
  },
  {
    id: 'backup-import',
    title: 'Take in a backup',
    short: 'take in',
    keys: ['i'],
    scopes: ['page:backups'],
    danger: 'none',
    help: 'Takes in a file that was exported, here or on another machine; all of it is read first.',
    footer: 7,
    changes: true,
    run: (act) => act.backups.askImport(),
  },
  {
    ...backup,
    id: 'backup-delete',
    title: 'Delete the backup',
    short: 'delete',
    keys: ['d'],
    danger: 'confirm',
    help: 'Removes it. Nothing brings a deleted backup back.',
    footer: 9,
    changes: true,
    disabledReason: none,
    run(act, given) {
      const names = chosenBackups(act, given);
      if (names.length > 0) act.backups.askDelete(names);
      else act.notify('Say which backup: its name', 'warn');
    },
  },
];
