import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { commandPath } from '../../src/cli/dry-run.ts';
import { helpOf, parser } from '../support/examples.ts';

const leaves = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.createHelp().visibleCommands(command).flatMap(leaves);

it('every command shows with --help an example of itself', () => {
  const all = leaves(parser());
  expect(all.length).toBeGreaterThan(60);
  const without = all.filter((command) => {
    const [, example = ''] = /\nExample:\n {2}(.*)/.exec(helpOf(command)) ?? [];
    // `backup inventory` is `backup inventory save`; completion is sourced.
    const words = commandPath(command).replace(' save', '');
    return !example.includes(`aegir ${words}`);
  });
  expect(without.map(commandPath)).toEqual([]);
});
