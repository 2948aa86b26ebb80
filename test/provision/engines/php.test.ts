import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { phpValue } from '../../../src/provision/engines/php.ts';

const hostile = [`O'Brien "x" \\`, `\\'; system('id'); //`, '?><?php die; $HOME {$a} ${b}', 'Ünïcode 🚀\nline', ''];

describe('a value in a generated PHP file', () => {
  it.each(hostile)('is text and nothing else: %j', (text) => {
    expect(phpReads({ [text]: [text, true, null, 12] })).toEqual({ [text]: [text, true, null, 12] });
  });
});

/** What PHP itself makes of the literal. */
const phpReads = (value: unknown): unknown =>
  JSON.parse(execFileSync('php', ['-n', '-r', `echo json_encode(${phpValue(value)});`], { encoding: 'utf8' }));
