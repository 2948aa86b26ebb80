import { join } from 'node:path';
import { listBackupLines } from '../../db/backup-lines.ts';
import type { Inventory } from '../../db/inventory.ts';
import { describeError } from '../../provision/model/errors.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import type { Access } from '../../worker/queue-access.ts';
import { suggestedFolder } from '../log/save.ts';
import type { BackupActions } from '../model/command.ts';
import { closeFileDialog, openDialog } from '../model/open-dialog.ts';
import type { Tone } from '../model/parts.ts';
import { type ConsoleState, type Dialog, emptyPage } from '../model/state.ts';
import { changeList } from '../pages/list.ts';
import { leavePage, openPage } from '../pages/navigation.ts';
import { editText } from '../text/text-edit.ts';

/** What these actions need of the store. */
export interface BackupTools {
  update(change: (state: ConsoleState) => ConsoleState): void;
  notify(text: string, tone?: Tone): void;
  reload(): void;
  queue(): Access | undefined;
  paths: RootPaths;
}

type Work = typeof import('../../worker/backups.ts');

/** The actions on backups. They are no tasks: nothing of a site changes; one is done at a time. */
export function makeBackupActions(tools: BackupTools): BackupActions {
  const { update, notify } = tools;
  let busy = false;

  /** Does something with the queue's machine, says what it says, or what was wrong. */
  async function doOne(begun: string, work: (backups: Work, queue: Access) => Promise<string>): Promise<void> {
    const queue = tools.queue();
    if (!queue) return notify('This machine is not set up: run aegir setup.', 'warn');
    if (busy) return notify('Another backup is in hand; wait until that is done.', 'warn');
    busy = true;
    notify(begun);
    try {
      const said = await work(await import('../../worker/backups.ts'), queue);
      tools.reload();
      notify(said, 'good');
    } catch (error) {
      const { message, hint } = describeError(error);
      tools.reload();
      notify(`${message}. ${hint}`, 'bad');
    } finally {
      busy = false;
    }
  }

  function remove(names: readonly string[]): void {
    void doOne(`Deleting ${said(names)}…`, async ({ deleteBackup }, queue) => {
      for (const name of names) await deleteBackup(queue, name);
      update((state) => {
        const { kind, name } = state.pages.at(-1) ?? emptyPage('home');
        if (kind === 'backup' && names.includes(name)) return leavePage(state);
        return changeList(state, (list) => ({ ...list, marks: new Set() }));
      });
      return `Deleted: ${said(names)}`;
    });
  }

  return {
    check: (names) =>
      void doOne(`Reading ${said(names)} back…`, async ({ checkBackup }, queue) => {
        for (const [place, name] of names.entries()) {
          if (place > 0) notify(`Reading backup ${place + 1} of ${names.length} back…`);
          await checkBackup(queue, name);
        }
        return `Whole: ${said(names)}`;
      }),
    askDelete: (names) =>
      openDialog(
        tools,
        deleteQuestion(names, tools.queue()?.inventory, () => remove(names)),
      ),
    askExport(name) {
      const edit = editText(join(suggestedFolder(tools.paths), `${name}.tar`));
      const run = (file: string): void =>
        void doOne(`Writing ${file}…`, async ({ exportBackup }, queue) => {
          await exportBackup(queue, name, file);
          closeFileDialog(tools);
          return `Written: ${file}`;
        });
      openDialog(tools, { kind: 'file', title: 'Export to:', edit, run });
    },
    askImport() {
      const run = (file: string): void =>
        void doOne(`Reading ${file}…`, async ({ importBackup }, queue) => {
          const name = await importBackup(queue, file);
          closeFileDialog(tools);
          update((state) => openPage(state, emptyPage('backup', name)));
          return `Taken in: ${name}`;
        });
      openDialog(tools, { kind: 'file', title: 'Take in the file:', edit: editText(''), run });
    },
  };
}

const said = (names: readonly string[]): string => (names.length === 1 ? `${names[0]}` : `${names.length} backups`);

/** Every name, and for which sites no backup would be left. */
function deleteQuestion(names: readonly string[], db: Inventory | undefined, run: () => void): Dialog {
  const gone = new Set(names);
  const known = db ? listBackupLines(db) : [];
  const left = new Set(known.filter(({ name }) => !gone.has(name)).map(({ uri }) => uri));
  const uris = new Set(known.filter(({ name }) => gone.has(name)).map(({ uri }) => uri));
  const last = [...uris].filter((uri) => !left.has(uri));
  const others = last.length > 0 ? [`No backup would be left of: ${last.join(', ')}.`] : [];
  return {
    kind: 'confirm',
    title: `Delete ${names.length === 1 ? 'the backup' : `${names.length} backups`}?`,
    lines: ['Nothing brings a deleted backup back.', ...others, '', ...names.map((name) => `  ${name}`)],
    choices: [{ label: 'No, keep' }, { label: 'Yes, delete', run }],
    selected: 0,
    top: 0,
  };
}
