import { Argument, type Command } from 'commander';
import { AegirError } from '../provision/model/errors.ts';
import { editLocal } from '../worker/edit-local.ts';
import { execInSite, promptDatabase } from '../worker/interactive.ts';
import type { Action } from './action.ts';
import { askLine } from './ask-line.ts';
import { knownSite } from './names.ts';
import type { Session } from './session.ts';

/** `site exec|shell|db|edit`: another program takes over the terminal. The exit status is that program's. */
export function interactiveCommands(group: Command, action: Action): void {
  const command = (name: string, description: string, example: string): Command =>
    group
      .command(name)
      .argument('<uri>', 'the site')
      .description(description)
      .addHelpText('after', `\nExample:\n  aegir site ${name} shop.example.org${example}`);
  command('exec', "Run a command in the site as the site's user, such as a tool of its CMS.", ' -- wp plugin list')
    .argument('[command...]', 'the command to run, after --; a shell if there is none')
    .action(
      action(async (session, [uri = '', line]) => execInSite(session.queue(), knownSite(session, uri), listOf(line))),
    );
  command('shell', "Open a shell in the site as the site's user.", '').action(
    action(async (session, [uri = '']) => execInSite(session.queue(), knownSite(session, uri), [])),
  );
  command(
    'db',
    "Open the prompt of the site's database as the site's user; it also reads statements from stdin.",
    ' < queries.sql',
  ).action(action(async (session, [uri = '']) => promptDatabase(session.queue(), knownSite(session, uri))));
  command(
    'edit',
    "Edit one of the site's local files in your editor; a change that PHP or a service refuses is not applied.",
    ' pool',
  )
    .addArgument(new Argument('<file>', 'which local file').choices(['vhost', 'pool', 'settings']))
    .action(action(async (session, [uri = '', file = '']) => edit(session, knownSite(session, uri), file)));
}

async function edit(session: Session, uri: string, named: string): Promise<number> {
  const { out } = session;
  const { file, changed, verifyNeeded } = await editLocal(session.queue(), uri, named, askToRetry);
  out.document({ file, changed, verifyNeeded });
  out.say(changed ? `${file} was changed` : `${file} was not changed`);
  if (verifyNeeded) out.say(`To apply the change: aegir site verify ${uri}`);
  return 0;
}

/** Asks on the terminal whether to edit a refused file again. */
export async function askToRetry(why: string): Promise<boolean> {
  process.stderr.write(`Refused: ${why}\n`);
  const answer = await askLine('Edit it again? If not, your change is discarded. [Y/n] ');
  return !/^n/i.test(answer) && !process.stdin.readableEnded;
}

/** The values of a variadic argument, which commander passes as one list. */
const listOf = (values: unknown): string[] => {
  if (!Array.isArray(values)) return [];
  if (values.every((value) => typeof value === 'string')) return values;
  throw new AegirError('USAGE', 'the command to run is not text', 'See: aegir site exec --help');
};
