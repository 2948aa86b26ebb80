import { describe, expect, it } from 'vitest';
import { standardProgram } from '../../../src/provision/standard.ts';

describe('a source of code as a person names it', () => {
  it.each([
    ['/srv/code/', { kind: 'path', inPlace: '/srv/code' }],
    ['path:/srv/a/../b', { kind: 'path', inPlace: '/srv/b' }],
    ['debian:spip/trixie', { kind: 'debian', rest: 'spip/trixie' }],
    [' archive:/root/code.tar.gz ', { kind: 'archive', rest: '/root/code.tar.gz' }],
    ['archive:https://example.test/a.zip', { kind: 'archive', rest: 'https://example.test/a.zip' }],
  ])('%s is understood', (text, expected) => {
    expect(standardProgram.sources.parse(text)).toMatchObject(expected);
  });

  it.each([
    ['', 'SOURCE_UNKNOWN'],
    ['code', 'SOURCE_UNKNOWN'],
    ['ftp:/srv/code', 'SOURCE_UNKNOWN'],
    ['path:srv/code', 'SOURCE_INVALID'],
    ['debian:--help', 'SOURCE_INVALID'],
    ['debian:spip/../x', 'SOURCE_INVALID'],
    ['archive:file:///etc/passwd', 'SOURCE_INVALID'],
  ])('"%s" is refused with %s', (text, code) => {
    expect(() => standardProgram.sources.parse(text)).toThrow(expect.objectContaining({ code }));
  });
});
