import { readFileSync } from 'node:fs';
import type { SiteRow } from '../../src/db/sites.ts';
import type { Stack } from '../support/stack.ts';

/** Replaces what differs from run to run, though it means the same: handles, numbers, times, keys made by chance. */
export interface Mask {
  /** Handles become `{uri}`, the current release's number becomes R, that of one to go back to K. */
  text(text: string): string;
  /** A user or group id by name. */
  id(id: number): string;
  /** What is made anew with each site: keys, hashes, times. */
  chance(text: string): string;
  /** The URI of the site whose handle a path holds; '' when it is nobody's. */
  siteOf(path: string): string;
}

/** The main site is called so under every name. */
const isMain = (handle: string): boolean => /[a-z]1$/.test(handle);

/** Times of all kinds, and what is made by chance, wherever it stands. */
const times: [RegExp, string][] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<time>'],
  [/\b\d{8}T\d{6}Z-[0-9a-f]{4}\b/g, '<stamp>'],
  [/\{SSHA\}[A-Za-z0-9+/=]+/g, '<hash>'],
  // A name that follows from such a hash.
  [/-[0-9a-f]{24}(?=\.probe\.invalid)/g, '-<hash>'],
  [/\b1[78]\d{8}(\.\d+)?\b/g, '<seconds>'],
];
const chances: [RegExp, string][] = [
  ...times,
  [/\d{4}-\d\d-\d\d/g, '<day>'],
  [/\$(wp\$2y|P|2y|argon2id)\$[^'"\s,;)|]+/g, '<hash>'],
  [/define\('([A-Z_]+)', '[^']{30,}'\)/g, "define('$1', <key>)"],
  [/[A-Za-z0-9+/\\=_-]{20,}(\.\d+)?/g, '<key>'],
];

/**
 * A mask for the sites that the inventory knows, and the numbers of releases that they can go back to; a handle
 * that it does not know stays as it is, and so is seen.
 */
export function maskOf(sites: SiteRow[], kept: Map<string, number>, stack: Stack): Mask {
  const names = new Map(sites.map((site) => [site.handle, isMain(site.handle) ? 'main.example.test' : site.uri]));
  const releases = new Map(sites.map((site) => [site.handle, site.release]));
  const { handlePrefix, uidBase } = stack.server;
  const handle = new RegExp(`${handlePrefix}(\\d+)(?:r(\\d+))?(/releases/(\\d+)(?!\\d))?`, 'g');
  const replace = (found: string, number: string, database: string, path: string, release: string): string => {
    const name = names.get(handlePrefix + number);
    const current = String(releases.get(handlePrefix + number));
    if (name === undefined) return found;
    const before = String(kept.get(handlePrefix + number));
    const numberOf = (given: string): string => (given === current ? 'R' : given === before ? 'K' : given);
    return `{${name}}${database === undefined ? '' : `r${numberOf(database)}`}${path === undefined ? '' : `/releases/${numberOf(release)}`}`;
  };
  const users = idsIn('/etc/passwd');
  const apply = (text: string, rules: [RegExp, string][]): string =>
    rules.reduce((done, [pattern, by]) => done.replaceAll(pattern, by), text);
  return {
    text: (text) => apply(text.replaceAll(stack.root, '{root}').replaceAll(handle, replace), times),
    id(id) {
      const user = users.get(id) ?? String(id);
      const [, number = ''] = new RegExp(`^${handlePrefix}(\\d+)$`).exec(user) ?? [];
      const named = id > uidBase ? names.get(handlePrefix + String(number || id - uidBase)) : undefined;
      return named === undefined ? user : `{${named}}`;
    },
    chance: (text) => apply(text, chances),
    siteOf: (path) => names.get(new RegExp(`${handlePrefix}\\d+`).exec(path)?.[0] ?? '') ?? '',
  };
}

const idsIn = (file: string): Map<number, string> =>
  new Map(
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , id]) => [Number(id), name]),
  );
