import { Argument, type Command } from 'commander';
import { listBackups } from '../db/backups.ts';
import { type Inventory, openInventoryForReading } from '../db/inventory.ts';
import { listClientNames, listSiteNames, listTaskLines } from '../db/lists.ts';
import { listPlatforms } from '../db/platforms.ts';
import { listServers } from '../db/servers.ts';
import { cleanText } from '../provision/model/clean-text.ts';
import { AegirError } from '../provision/model/errors.ts';
import { completionScripts } from '../setup/completion-scripts.ts';
import { chooseRoot } from '../worker/open-root.ts';
import type { Action } from './action.ts';
import { completionsOf, type NamesOfKind } from './completion.ts';
import { takeGlobalOptions } from './global-options.ts';
import { forTerminal } from './terminal-text.ts';

/** How to install each script, for the help page. */
const completionHelp = `
aegir setup installs them for every user of a server. For yourself only:
  bash   aegir completion bash > ~/.local/share/bash-completion/completions/aegir
  zsh    aegir completion zsh > a file named _aegir in a folder of your fpath
  fish   aegir completion fish > ~/.config/fish/completions/aegir.fish`;

const MOST_NAMES = 500;
const RECENT_TASKS = 50;

/** `completion bash|zsh|fish`, and `complete`, which their completion scripts call. */
export function completionCommands(program: Command, action: Action): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(completionScripts)))
    .description('Print the script with which your shell completes commands, options and names.')
    .addHelpText('after', completionHelp)
    .addHelpText('after', '\nExample:\n  source <(aegir completion bash)')
    .action(
      action((_session, [shell]) => {
        const name = (['bash', 'zsh', 'fish'] as const).find((known) => known === shell);
        if (!name) throw new AegirError('USAGE', `there is no completion for ${shell}`, 'There is: bash, zsh, fish.');
        process.stdout.write(completionScripts[name]);
        return 0;
      }),
    );
  program
    .command('complete', { hidden: true })
    .argument('[words...]', 'the words typed so far; the last one is incomplete')
    .action(
      action((_session, [words]) => {
        printCompletions(program, listOf(words));
        return 0;
      }),
    );
}

function printCompletions(program: Command, words: string[]): void {
  const found = completionsOf(program, words, (kind, prefix) => nameCompleter(words)(kind, prefix));
  process.stdout.write(found.map(({ word, about }) => `${cleanText(word)}\t${forTerminal(about)}\n`).join(''));
}

/** Names from the inventory of the root that the words name; none if it does not exist or may not be read. */
function nameCompleter(words: string[]): NamesOfKind {
  return (kind, prefix) => {
    let db: Inventory | undefined;
    try {
      db = openInventoryForReading(chooseRoot(takeGlobalOptions(words).options.root).inventory);
      return db ? readers[kind](db, prefix) : [];
    } catch {
      return [];
    } finally {
      db?.close();
    }
  };
}

const readers: Record<Parameters<NamesOfKind>[0], (db: Inventory, prefix: string) => string[]> = {
  sites: (db, prefix) => listSiteNames(db, prefix, MOST_NAMES),
  platforms: (db) => listPlatforms(db).map(({ name }) => name),
  servers: (db) => listServers(db).map(({ name }) => name),
  clients: listClientNames,
  tasks: (db) => listTaskLines(db, RECENT_TASKS).map(({ id }) => String(id)),
  backups: (db) => listBackups(db).map(({ name }) => name),
};

/** The values of a variadic argument, which commander passes as one list. */
const listOf = (values: unknown): string[] => (Array.isArray(values) ? values.map(String) : []);
