import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../src/state/filter.ts';
import { makeTable } from '../../src/state/table.ts';

const sites = [
  { uri: 'shop.example.org', platform: 'drupal-10.5', state: 'enabled' },
  { uri: 'blog.example.org', platform: 'wp-6.8', state: 'failed' },
  { uri: 'old.example.org', platform: 'drupal-7', state: 'disabled' },
];
type Site = (typeof sites)[number];
const table = makeTable<Site>(
  {
    columns: [{ title: 'URI', width: 20 }],
    id: (site) => site.uri,
    text: (site) => `${site.uri} ${site.platform} ${site.state}`,
    fields: { platform: (site) => site.platform, state: (site) => site.state },
    sort: [(site) => site.uri],
    cells: (site) => [{ text: site.uri }],
    empty: '',
  },
  sites,
);
const shown = (filter: string): string[] => table.order(filter, undefined).map(table.id);

describe('a filter', () => {
  it('shows everything while it is empty, or only begun', () => {
    expect(parseFilter('  ')).toBeUndefined();
    expect(shown('!')).toHaveLength(3);
  });
  it('finds words anywhere, whatever their case; all of them must be there', () => {
    expect(shown('DRUPAL old')).toEqual(['old.example.org']);
  });
  it('hides with an exclamation mark', () => {
    expect(shown('!drupal')).toEqual(['blog.example.org']);
  });
  it('looks in one column with key:value, also inverted', () => {
    expect(shown('state:failed')).toEqual(['blog.example.org']);
    expect(shown('platform:drupal !state:disabled')).toEqual(['shop.example.org']);
  });
  it('takes a key that is no column as text', () => {
    expect(shown('http://x')).toEqual([]);
  });
  it('finds letters in order with a tilde', () => {
    expect(shown('~shpdru')).toEqual(['shop.example.org']);
  });
});

it('sorting goes both ways and keeps equal rows in their order', () => {
  expect(table.order('', { column: 0, descending: true }).map(table.id)[0]).toBe('shop.example.org');
});

it('a hundred thousand rows are filtered while one types', () => {
  const many = makeTable<Site>(
    { columns: [], id: (s) => s.uri, text: (s) => s.uri, fields: {}, sort: [], cells: () => [], empty: '' },
    Array.from({ length: 100_000 }, (_, n) => ({ uri: `site${n}.example.org`, platform: 'p', state: 'enabled' })),
  );
  many.order('warm', undefined);
  const begin = performance.now();
  expect(many.order('site99', undefined).length).toBeGreaterThan(1000);
  expect(performance.now() - begin).toBeLessThan(150);
});
