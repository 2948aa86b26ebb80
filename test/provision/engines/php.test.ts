import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { phpValue } from '../../../src/provision/engines/php.ts';

const hostile = [`O'Brien "x" \\`, `\\'; system('id'); //`, '?><?php die; $HOME {$a} ${b}', 'Ünïcode 🚀\nline', ''];

describe('a value in a generated PHP file', () => {
  it.each(hostile)('is text and nothing else: %j', (text) => {
    expect(phpReads({ [text]: [text, true, null, 12] })).toEqual({ [text]: [text, true, null, 12] });
  });
});

it('of the page with which a CMS ends a program, its words are told', () => {
  const page =
    '<html><head><title>Error</title><style>html { color: red; }</style></head><body><p>No&nbsp;database</p>';
  const program = `require 'src/provision/engines/common/program.php'; aegir_input([]); echo '${page}'; exit;`;
  const { stdout } = spawnSync('php', ['-r', program], { encoding: 'utf8', input: '{}' });
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: expect.stringMatching(/with the page: No\sdatabase$/) });
});

/** What PHP itself makes of the literal. */
const phpReads = (value: unknown): unknown =>
  JSON.parse(execFileSync('php', ['-n', '-r', `echo json_encode(${phpValue(value)});`], { encoding: 'utf8' }));
