import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { takeGlobalOptions } from '../../src/cli/global-options.ts';
import { documentExamples, type Example, helpExamples, mentionedCommands, parser } from '../support/examples.ts';

/** The words as a shell gives them, up to where another command or a file takes over. */
const wordsOf = (line: string): string[] =>
  [...line.replace(/ (?:[<>|]|&&).*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );

/** Why a command line is not understood; undefined when it is. */
async function refusalOf(line: string): Promise<string | undefined> {
  const { rest } = takeGlobalOptions(wordsOf(line).slice(1));
  if (rest.length === 0) return undefined;
  try {
    await parser().parseAsync(rest, { from: 'user' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const ours = ({ line }: Example): boolean => line.startsWith('aegir ');

it('every command in help, README and docs is one that the command line knows, with its options and choices', async () => {
  const all = [...helpExamples(), ...documentExamples().filter(ours), ...mentionedCommands()];
  expect(all.length).toBeGreaterThan(120);
  const refused: string[] = [];
  for (const { line, where } of all) {
    const refusal = await refusalOf(line);
    if (refusal !== undefined) refused.push(`${where}: ${line}: ${refusal}`);
  }
  expect(refused).toEqual([]);
});

it('every npm command in README and docs is one of this project', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const called = documentExamples().flatMap(({ line }) => /^npm (?:run )?([a-z-]+)/.exec(line)?.[1] ?? []);
  expect(called).not.toHaveLength(0);
  expect(called.filter((name) => scripts[name] === undefined)).toEqual([]);
});
