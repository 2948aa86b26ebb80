import { Argument, type Command } from 'commander';
import { AegirError } from '../provision/model/errors.ts';
import { editLocal } from '../worker/edit-local.ts';
import { execInSite, promptDatabase } from '../worker/interactive.ts';
import type { Action } from './action.ts';
import { askLine } from './ask-line.ts';
import { knownSite } from './names.ts';
import type { Session } from './session.ts';

/** `site exec|shell|db|edit`: the terminal is given to something else. The exit code is that of what ran. */
export function interactiveCommands(group: Command, action: Action): void {
  const command = (name: string, description: string, example: string): Command =>
    group
      .command(name)
      .argument('<uri>', 'the site')
      .description(description)
      .addHelpText('after', `\nExample:\n  aegir site ${name} shop.example.org${example}`);
  command('exec', 'Run a command in the site as its own user, such as a tool of its CMS.', ' -- wp plugin list')
    .argument('[words...]', 'what to run, behind --; without words a shell')
    .action(
      action(async (session, [uri = '', words]) => execInSite(session.queue(), knownSite(session, uri), listOf(words))),
    );
  command('shell', 'Open a shell in the site as its own user.', '').action(
    action(async (session, [uri = '']) => execInSite(session.queue(), knownSite(session, uri), [])),
  );
  command(
    'db',
    "Open the prompt of the site's database as its own user; it reads statements too.",
    ' < queries.sql',
  ).action(action(async (session, [uri = '']) => promptDatabase(session.queue(), knownSite(session, uri))));
  command(
    'edit',
    "Open one of the site's local files in your editor; what PHP or a service refuses is not taken.",
    ' pool',
  )
    .addArgument(new Argument('<file>', 'which of them').choices(['vhost', 'pool', 'settings']))
    .action(action(async (session, [uri = '', file = '']) => edit(session, knownSite(session, uri), file)));
}

async function edit(session: Session, uri: string, named: string): Promise<number> {
  const { out } = session;
  const { file, changed, verifyNeeded } = await editLocal(session.queue(), uri, named, askToRetry);
  out.document({ file, changed, verifyNeeded });
  out.say(changed ? `${file} is changed` : `${file} is as it was`);
  if (verifyNeeded) out.say(`To put it to use: aegir site verify ${uri}`);
  return 0;
}

/** Asks on the terminal whether a refused file is edited again. */
export async function askToRetry(why: string): Promise<boolean> {
  process.stderr.write(`This is refused: ${why}\n`);
  const answer = await askLine('Edit it again? Else your change is thrown away. [Y/n] ');
  return !/^n/i.test(answer) && !process.stdin.readableEnded;
}

/** Commander gives the words of a variadic argument as one list. */
const listOf = (words: unknown): string[] => {
  if (!Array.isArray(words)) return [];
  if (words.every((word) => typeof word === 'string')) return words;
  throw new AegirError('USAGE', 'the words to run are no text', 'See: aegir site exec --help');
};
