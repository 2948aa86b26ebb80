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
import { shown } from './shown.ts';

/** How each is taken in, for the help page. */
const completionHelp = `
aegir setup puts them in place for every user of a server. For yourself alone:
  bash   aegir completion bash > ~/.local/share/bash-completion/completions/aegir
  zsh    aegir completion zsh > a folder of your fpath, as _aegir
  fish   aegir completion fish > ~/.config/fish/completions/aegir.fish`;

const MOST_NAMES = 500;
const RECENT_TASKS = 50;

/** `completion bash|zsh|fish`, and `complete`, which the shells ask. */
export function completionCommands(program: Command, action: Action): void {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(completionScripts)))
    .description('Print what completes commands, options and names in your shell.')
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
    .argument('[words...]', 'the words so far, the last one unfinished')
    .action(
      action((_session, [words]) => {
        printCompletions(program, listOf(words));
        return 0;
      }),
    );
}

function printCompletions(program: Command, words: string[]): void {
  const found = completionsOf(program, words, (kind, begun) => nameCompleter(words)(kind, begun));
  process.stdout.write(found.map(({ word, about }) => `${cleanText(word)}\t${shown(about)}\n`).join(''));
}

/** Names out of the inventory that the words mean; none where there is no inventory, or it may not be read. */
function nameCompleter(words: string[]): NamesOfKind {
  return (kind, begun) => {
    let db: Inventory | undefined;
    try {
      db = openInventoryForReading(chooseRoot(takeGlobalOptions(words).options.root).inventory);
      return db ? readers[kind](db, begun) : [];
    } catch {
      return [];
    } finally {
      db?.close();
    }
  };
}

const readers: Record<Parameters<NamesOfKind>[0], (db: Inventory, begun: string) => string[]> = {
  sites: (db, begun) => listSiteNames(db, begun, MOST_NAMES),
  platforms: (db) => listPlatforms(db).map(({ name }) => name),
  servers: (db) => listServers(db).map(({ name }) => name),
  clients: listClientNames,
  tasks: (db) => listTaskLines(db, RECENT_TASKS).map(({ id }) => String(id)),
  backups: (db) => listBackups(db).map(({ name }) => name),
};

/** Commander gives the words of a variadic argument as one list. */
const listOf = (words: unknown): string[] => (Array.isArray(words) ? words.map(String) : []);
