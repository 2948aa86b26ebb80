import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/state/tables/filter.ts';
import { makeRows } from '../../../src/state/tables/rows.ts';
import { makeTable, type Table, type TableSpec } from '../../../src/state/tables/table.ts';

const sites = [
  { uri: 'shop.example.org', platform: 'drupal-10.5', state: 'enabled' },
  { uri: 'blog.example.org', platform: 'wp-6.8', state: 'failed' },
  { uri: 'old.example.org', platform: 'drupal-7', state: 'disabled' },
];
type Site = (typeof sites)[number];
const tableOf = (spec: TableSpec<Site>, items: readonly Site[]): Table => makeTable(spec, makeRows(spec, items));
const spec: TableSpec<Site> = {
  columns: [{ title: 'URI', width: 20 }],
  id: (site) => site.uri,
  text: (site) => `${site.uri} ${site.platform} ${site.state}`,
  fields: { platform: (site) => site.platform, state: (site) => site.state },
  sort: [(site) => site.uri, (site) => site.state],
  cells: (site) => [{ text: site.uri }],
  empty: '',
};
const table = tableOf(spec, sites);
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

describe('rows of which a few are others', () => {
  const states = ['enabled', 'disabled', 'failed', 'installing'];
  const at = (number: number, of: readonly string[]): string => of[number % of.length] ?? '';
  const items: readonly Site[] = Array.from({ length: 300 }, (_, n) => ({
    uri: `site${String(n).padStart(3, '0')}.example.org`,
    platform: at(n, ['wp', 'drupal', 'spip']),
    state: at(n * 7, states),
  }));
  const views = ['', 'wp', 'state:failed', '!state:enabled drupal'].flatMap((filter) =>
    [undefined, 0, 1].flatMap((column) =>
      [false, true].map((descending) => ({ filter, sort: column === undefined ? undefined : { column, descending } })),
    ),
  );

  it.each(views)('are in the order of rows that are made anew: $filter $sort', ({ filter, sort }) => {
    let before = items;
    let rows = makeRows(spec, items);
    rows.order(filter, sort);
    for (let round = 0; round < 40; round += 1) {
      const was = new Map([...before.entries()].filter(([n]) => (n * 31 + round * 17) % 97 === 0));
      const others = before.map((site, n) => (was.has(n) ? { ...site, state: at(n + round, states) } : site));
      // Now and then one comes or goes.
      if (round % 10 === 8) others.splice(round * 5, 1);
      if (round % 10 === 9)
        others.splice(3, 0, { uri: `site002.${round}.example.org`, platform: 'wp', state: 'failed' });
      rows = rows.after(spec, others, others.length === before.length ? was : undefined);
      before = others;
      expect(rows.order(filter, sort)).toEqual(makeRows(spec, others).order(filter, sort));
      expect(rows.order('', sort)).toEqual(makeRows(spec, others).order('', sort));
      rows.order(filter, sort);
    }
  });

  it('are shown as they were where nothing of them moves', () => {
    const rows = makeRows(spec, items);
    const order = rows.order('wp', undefined);
    const was = new Map([...items.entries()].filter(([n]) => n === 9));
    const others = items.map((site, n) => (was.has(n) ? { ...site, state: 'disabled' } : site));
    expect(rows.after(spec, others, was).order('wp', undefined)).toBe(order);
  });
});
