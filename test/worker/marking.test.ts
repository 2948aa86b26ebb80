import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dangerOf, noMarking, readMarking } from '../../src/worker/marking.ts';

const etc = mkdtempSync(join(tmpdir(), 'aegir-marking-'));
afterAll(() => rmSync(etc, { recursive: true, force: true }));

const read = (server: unknown) => {
  writeFileSync(join(etc, 'config.json'), JSON.stringify({ server }));
  return readMarking({ etc });
};

describe('the marking of a machine', () => {
  it('is none unless config.json says one', () => {
    expect(readMarking({ etc: '/nowhere' })).toEqual(noMarking);
    expect(read({ label: 'staging', colour: 'yellow' })).toEqual({ ...noMarking, label: 'staging', colour: 'yellow' });
  });

  it('of a production server says so, unless another label is said', () => {
    expect(read({ production: true }).label).toBe('PRODUCTION');
    expect(read({ production: true, label: 'LIVE' }).label).toBe('LIVE');
  });

  it.each([
    [{ label: 'x'.repeat(21) }, '"server.label"'],
    [{ label: 'a\u001b[2J' }, '"server.label"'],
    [{ colour: 'pink' }, '"server.colour" is "pink"'],
    [{ production: 'yes' }, '"server.production" is "yes"'],
    [{ prod: true }, 'there is no "server.prod"'],
  ])('%j is refused with what was wrong', (server, message) => {
    expect(() => read(server)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    expect(() => read(server)).toThrow(message);
  });

  it('of production makes a yes for a site a name, and nothing else', () => {
    const production = { production: true };
    expect(dangerOf({ danger: 'confirm', object: 'site' }, production)).toBe('typed');
    expect(dangerOf({ danger: 'confirm', object: 'server' }, production)).toBe('confirm');
    expect(dangerOf({ danger: 'none', object: 'site' }, production)).toBe('none');
    expect(dangerOf({ danger: 'confirm', object: 'site' }, noMarking)).toBe('confirm');
  });
});
