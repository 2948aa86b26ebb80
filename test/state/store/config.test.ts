import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { takeScreenOptions } from '../../../src/cli/screen-options.ts';
import { defaultConfig, readConsoleConfig } from '../../../src/state/store/config.ts';

const etc = mkdtempSync(join(tmpdir(), 'aegir-config-'));
afterAll(() => rmSync(etc, { recursive: true, force: true }));

const read = (text: string) => {
  writeFileSync(join(etc, 'config.json'), text);
  return readConsoleConfig({ etc });
};

it('the console is as config.json says, and by default where it says nothing', () => {
  expect(readConsoleConfig({ etc: '/nowhere' })).toEqual(defaultConfig);
  expect(read('{"other": 1}')).toEqual(defaultConfig);
  expect(read('{"console": {"readOnly": true}}').readOnly).toBe(true);
  expect(takeScreenOptions(['--read-write']).screen).toEqual({ readOnly: false });
  expect(read('{"console": {"theme": "light", "notifyAfterSeconds": 5}}')).toEqual({
    ...defaultConfig,
    theme: 'light',
    notifyAfterSeconds: 5,
  });
});

it.each([
  ['{"console": {"theme": "pink"}}', 'config.json: "console.theme" is "pink"', 'one of auto, dark, light, mono'],
  ['{"console": {"title": "no"}}', '"console.title" is "no"', 'true or false'],
  ['{"console": {"framesPerSecond": 100}}', '"console.framesPerSecond" is 100', 'from 0 to 60'],
  ['{"console": {"them": "dark"}}', 'there is no "console.them"', 'Known names: theme, '],
  ['{"console": []}', '"console" is not an object', '{"console"'],
  ['[1]', 'it is not an object', '{"console"'],
  ['{"console": ', 'config.json: ', 'Correct it'],
])('%s is refused with what was wrong', (text, message, hint) => {
  let error: unknown;
  try {
    read(text);
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  });
});

it('options of the console go before commands, and are no options of theirs', () => {
  expect(takeScreenOptions(['--ascii', '--theme', 'light', '--fps=5', '--no-alt-screen', '--screen-reader'])).toEqual({
    screen: { glyphs: 'ascii', theme: 'light', framesPerSecond: 5, alternateScreen: false, screenReader: true },
    rest: [],
  });
  expect(takeScreenOptions(['site', 'list', '--ascii']).rest).toEqual(['site', 'list', '--ascii']);
  expect(() => takeScreenOptions(['--theme', 'pink'])).toThrow('there is no theme "pink"');
  expect(() => takeScreenOptions(['--fps', '0'])).toThrow('--fps 0');
});
