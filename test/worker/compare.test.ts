import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { savePackages } from '../../src/db/packages.ts';
import { findPlatform, insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { switchRelease } from '../../src/db/releases.ts';
import { findSite, removeSite } from '../../src/db/sites.ts';
import { comparePlatforms, type KeptComparison, refreshComparison } from '../../src/worker/compare.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';

let small: SmallRoot;
const [A, B, C] = ['a.example.org', 'b.example.org', 'c.example.org'] as const;
const pack = (name: string, version: string) => ({ kind: 'plugin', name, title: name, version });

beforeEach(() => {
  small = openSmallRoot();
  for (const uri of [A, B, C]) small.site(uri);
  const source = 'path:/srv/two';
  insertPlatform(small.db, { name: 'two', server: 'server_master', root: '/srv/two', source, managed: false });
  updatePlatform(small.db, 'two', { state: 'ready', engine: 'spip', version: '2', profiles: [] });
  give('one', [pack('forms', '1.0'), pack('maps', '1.0'), pack('same', '3')]);
  give('two', [pack('forms', '2.0'), pack('same', '3'), pack('fresh', '1')]);
  for (const uri of [A, B]) use(uri, [pack('forms', '1.0')]);
});
afterEach(() => small.remove());

const platform = (name: string) => findPlatform(small.db, name) ?? expect.fail(`no platform ${name}`);
const idOf = (uri: string): number => findSite(small.db, uri)?.id ?? 0;
function give(name: string, packages: ReturnType<typeof pack>[]): void {
  savePackages(small.db, { platformId: platform(name).id }, packages);
}
function use(uri: string, packages: (ReturnType<typeof pack> & { own?: boolean })[]): void {
  savePackages(small.db, { siteId: idOf(uri) }, packages);
}
const refresh = (old?: KeptComparison): KeptComparison =>
  refreshComparison(small.db, platform('one'), platform('two'), old);

describe('a comparison of two platforms', () => {
  it('says for each site what changes of what it uses and its platform gives it', () => {
    use(A, [pack('forms', '1.0'), pack('same', '3'), { ...pack('maps', '9'), own: true }, pack('unknown', '1')]);
    use(B, [pack('maps', '1.0')]);
    expect(comparePlatforms(small.db, platform('one'), platform('two')).sites).toMatchObject([
      { uri: A, verdict: 'ready', changes: [{ name: 'forms', from: '1.0', to: '2.0', verdict: 'upgrade' }], notes: [] },
      { uri: B, verdict: 'blocked', blocked: [{ code: 'MIGRATE_MISSING' }], changes: [{ name: 'maps', to: '' }] },
      { uri: C, verdict: 'ready', changes: [], notes: ['packages unknown: verify the site'] },
    ]);
  });

  it('that is open is the same one while nothing of it changes', () => {
    const first = refresh();
    expect(refresh(first)).toBe(first);
  });

  it('compares those sites again that have changed, and keeps the others as they are', () => {
    const first = refresh();
    use(B, [pack('maps', '1.0')]);
    const second = refresh(first);
    expect(second.comparison.sites.map(({ verdict }) => verdict)).toEqual(['ready', 'blocked', 'ready']);
    expect(second.comparison.sites[0]).toBe(first.comparison.sites[0]);
    expect(second.comparison.packages).toBe(first.comparison.packages);
  });

  it('loses sites that go, and gets those that come, in their place', () => {
    const first = refresh();
    removeSite(small.db, A);
    switchRelease(small.db, idOf(C), { number: 2, database: 'x', platform: 'two' });
    small.site('aa.example.org');
    expect(refresh(first).comparison.sites.map(({ uri }) => uri)).toEqual(['aa.example.org', B]);
  });

  it('compares all again when the code of a platform has changed', () => {
    const first = refresh();
    give('two', [pack('forms', '0.9'), pack('same', '3')]);
    const second = refresh(first);
    expect(second.comparison.sites[0]?.changes).toMatchObject([{ verdict: 'downgrade' }]);
    updatePlatform(small.db, 'two', { version: '0.5' });
    expect(refresh(second).comparison.sites[0]?.blocked).toMatchObject([{ code: 'MIGRATE_DOWNGRADE' }]);
  });
});
