import { byVersion } from '../model/by-version.ts';
import type { PackageInfo } from '../model/context.ts';
import type { ErrorDocument } from '../model/errors.ts';

/** Also satisfied by the inventory's rows. */
type Package = Pick<PackageInfo, 'name' | 'title' | 'version' | 'own'> & { kind: string };

/** How a package of one platform compares on another. */
export interface PackageDifference {
  kind: string;
  name: string;
  title: string;
  from: string;
  /** '' if it is missing. */
  to: string;
  verdict: 'same' | 'upgrade' | 'downgrade' | 'missing' | 'new';
}

/** Compares each package of the first list with the second, then lists those only in the second. */
export function differences(from: readonly Package[], to: readonly Package[]): PackageDifference[] {
  const there = new Map(to.map((one) => [keyOf(one), one]));
  const known = new Set(from.map(keyOf));
  const fresh = to
    .filter((one) => !known.has(keyOf(one)))
    .map(({ kind, name, title, version }) => ({ kind, name, title, from: '', to: version, verdict: 'new' as const }));
  return [...from.map((one) => difference(one, there.get(keyOf(one)))), ...fresh];
}

/** What a move changes for a site: only packages that it uses and its platform provides, since it keeps its own. */
export function changesFor(
  used: readonly Package[],
  own: readonly Package[],
  there: readonly Package[],
): PackageDifference[] {
  const given = new Set(own.map(keyOf));
  const shared = used.filter((one) => !one.own && given.has(keyOf(one)));
  return differences(shared, there).filter(({ verdict }) => verdict !== 'same' && verdict !== 'new');
}

/** The reason why a site cannot move without `--anyway`; undefined if nothing that it uses is missing. */
export function missingThere(uri: string, platform: string, changes: PackageDifference[]): ErrorDocument | undefined {
  const lacking = changes.filter(({ verdict }) => verdict === 'missing');
  if (lacking.length === 0) return undefined;
  const names = lacking.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return {
    code: 'MIGRATE_MISSING',
    message: `${platform} lacks what ${uri} uses: ${names}`,
    hint: 'Add it to the platform and verify the platform, or move all the same with: --anyway',
  };
}

/** A change as a line of text. */
export const changeText = ({ kind, name, from, to, verdict }: PackageDifference): string =>
  verdict === 'missing' ? `${kind} ${name} ${from} is missing there` : `${kind} ${name}: ${from} to ${to} (${verdict})`;

function difference({ kind, name, title, version }: Package, other: Package | undefined): PackageDifference {
  const order = other ? byVersion(other.version, version) : 0;
  const verdict = !other ? 'missing' : order === 0 ? 'same' : order > 0 ? 'upgrade' : 'downgrade';
  return { kind, name, title, from: version, to: other?.version ?? '', verdict };
}

const keyOf = ({ kind, name }: Package): string => `${kind} ${name}`;
