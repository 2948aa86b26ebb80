import type { Command } from 'commander';
import type { Action } from './action.ts';

/** `engine list`: the supported CMSs, and what each needs. */
export function engineCommands(group: Command, action: Action): void {
  group
    .command('list')
    .description(
      'List the supported CMSs with the PHP and databases that they need, and the file by which their code is recognised.',
    )
    .addHelpText('after', '\nExample:\n  aegir engine list --json')
    .action(
      action(({ out, program }) => {
        const shapes = program.engines.list.map(({ name, title, looksFor, needs }) => ({
          name,
          title,
          php: { min: needs.phpMin, max: needs.phpMax ?? null, extensions: needs.extensions },
          databases: Object.keys(needs.databases).sort(),
          looksFor,
        }));
        out.document(shapes);
        out.table(
          ['NAME', 'TITLE', 'PHP', 'DATABASES', 'LOOKS FOR'],
          shapes.map(({ name, title, php, databases, looksFor }) => [
            name,
            title,
            php.max === null ? `${php.min} or newer` : `${php.min} to ${php.max}`,
            databases.join(', '),
            looksFor,
          ]),
        );
        return 0;
      }),
    );
}
