import { commandOfKey, reasonAgainst } from '../commands/registry.ts';
import { pasteDialog, pressDialog } from '../dialogs/dialogs.ts';
import type { Act, Facts } from '../model/command.ts';
import type { DialogTools } from '../model/dialog.ts';
import { type ConsoleState, currentDialog } from '../model/state.ts';

/** Takes every key of the console. */
export interface Router {
  press(key: string): void;
  paste(text: string): void;
}

const TWICE_MS = 2000;

/** How long a notice stays at least; the next key takes it away. */
const READ_MS = 3000;

/** The one place where keys go: ctrl-c, then the dialog on top, then the command of the page. */
export function makeRouter(act: Act, facts: Facts, tools: DialogTools): Router {
  let interrupted = 0;

  function pressInterrupt(): void {
    const again = Date.now() - interrupted < TWICE_MS;
    interrupted = Date.now();
    if (again) act.quit();
    else act.notify('ctrl-c again quits.');
  }

  return {
    press(key) {
      act.update(dropSeen);
      if (key === 'ctrl-c') return pressInterrupt();
      const dialog = currentDialog(act.state());
      if (dialog && key !== 'ctrl-z') return pressDialog(dialog, key, tools);
      const state = act.state();
      const command = commandOfKey(state, key);
      if (!command) return;
      const reason = reasonAgainst(command, state, facts);
      if (reason !== undefined) act.notify(`${command.title}: ${reason}`, 'warn');
      else command.run(act, '');
    },
    paste(text) {
      const dialog = currentDialog(act.state());
      if (dialog) pasteDialog(dialog, text, tools);
      else act.notify('Pasted: nothing was done. / filters by a text, : takes a command.', 'warn');
    },
  };
}

function dropSeen(state: ConsoleState): ConsoleState {
  const old = state.notice && Date.now() - state.notice.at > READ_MS;
  return old || state.ended ? { ...state, ended: undefined, notice: old ? undefined : state.notice } : state;
}
