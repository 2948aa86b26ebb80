import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const file = new URL('../../../src/provision/engines/common/replace.php', import.meta.url).pathname;
const hasPhp = spawnSync('php', ['-v']).status === 0;

/** What is left of texts after the address of a site has changed, once and twice. */
function replaced(texts: string[], from = 'http://shop.test:8080', to = 'https://new.test'): string[] {
  const code = `require $argv[1]; [$texts, $from, $to] = json_decode(stream_get_contents(STDIN), true);
    $replace = aegir_replacer($from, $to, [['sites/shop.test/', 'sites/new.test/']]);
    echo json_encode(array_map(fn ($t) => [$r = $replace($t), $replace($r)], $texts));`;
  const run = spawnSync('php', ['-r', code, '--', file], {
    input: JSON.stringify([texts, from, to]),
    encoding: 'utf8',
  });
  const pairs = JSON.parse(run.stdout) as [string, string][];
  for (const [once, twice] of pairs) expect(twice).toBe(once);
  return pairs.map(([once]) => once);
}

it.skipIf(!hasPhp)('addresses follow in text, JSON and links, and names that only look alike stay (needs PHP)', () => {
  expect(
    replaced([
      'see http://shop.test:8080/a and //SHOP.test/b.',
      '{"url":"http:\\/\\/shop.test:8080\\/a"}',
      'http://shop.test.example/ http://my-shop.test/ http://shop.test:9999/ mail@shop.test',
      'src="/sites/shop.test/files/a.png" other-sites/shop.test/',
      'q=http%3A%2F%2Fshop.test%2Fa',
      'https://shop.test. Then',
    ]),
  ).toEqual([
    'see https://new.test/a and //new.test/b.',
    '{"url":"https:\\/\\/new.test\\/a"}',
    'http://shop.test.example/ http://my-shop.test/ http://shop.test:9999/ mail@shop.test',
    'src="/sites/new.test/files/a.png" other-sites/shop.test/',
    'q=http%3A%2F%2Fnew.test%2Fa',
    'https://new.test. Then',
  ]);
});

it.skipIf(!hasPhp)('serialized values stay whole, nested ones and objects of unknown classes too (needs PHP)', () => {
  const inner = 's:21:"http://shop.test:8080";';
  const [nested, object] = replaced([
    `a:2:{s:1:"a";s:21:"http://shop.test:8080";s:1:"b";s:${inner.length}:"${inner}";}`,
    'O:7:"Unknown":1:{s:3:"url";s:23:"http://shop.test:8080/é";}'.replace('s:23', 's:24'),
  ]);
  expect(nested).toBe('a:2:{s:1:"a";s:16:"https://new.test";s:1:"b";s:24:"s:16:"https://new.test";";}');
  expect(object).toBe('O:7:"Unknown":1:{s:3:"url";s:19:"https://new.test/é";}');
});

it.skipIf(!hasPhp)('a name that the new one begins with is not found again (needs PHP)', () => {
  const texts = ['http://shop.test/x'];
  expect(replaced(texts, 'http://shop.test', 'http://shop.test.uk')).toEqual(['http://shop.test.uk/x']);
  expect(replaced(texts, 'http://shop.test', 'http://www.shop.test')).toEqual(['http://www.shop.test/x']);
});
