import { byVersion } from '../model/by-version.ts';
import type { PackageInfo } from '../model/context.ts';
import type { ErrorDocument } from '../model/errors.ts';

/** As the inventory has it too. */
type Package = Pick<PackageInfo, 'name' | 'title' | 'version' | 'own'> & { kind: string };

/** How a package of one platform stands on another. */
export interface PackageDifference {
  kind: string;
  name: string;
  title: string;
  from: string;
  /** '' where it is missing. */
  to: string;
  verdict: 'same' | 'upgrade' | 'downgrade' | 'missing' | 'new';
}

/** Each package of one list as it stands in the other, then those that only the other has. */
export function differences(from: readonly Package[], to: readonly Package[]): PackageDifference[] {
  const there = new Map(to.map((one) => [keyOf(one), one]));
  const known = new Set(from.map(keyOf));
  const fresh = to
    .filter((one) => !known.has(keyOf(one)))
    .map(({ kind, name, title, version }) => ({ kind, name, title, from: '', to: version, verdict: 'new' as const }));
  return [...from.map((one) => difference(one, there.get(keyOf(one)))), ...fresh];
}

/** What a move changes for a site: of the packages that it uses, those that its platform gives it. It brings the others. */
export function changesFor(
  used: readonly Package[],
  own: readonly Package[],
  there: readonly Package[],
): PackageDifference[] {
  const given = new Set(own.map(keyOf));
  const shared = used.filter((one) => !one.own && given.has(keyOf(one)));
  return differences(shared, there).filter(({ verdict }) => verdict !== 'same' && verdict !== 'new');
}

/** Why a site cannot move for such changes, unless that is meant; undefined when nothing that it uses is missing. */
export function missingThere(uri: string, platform: string, changes: PackageDifference[]): ErrorDocument | undefined {
  const lacking = changes.filter(({ verdict }) => verdict === 'missing');
  if (lacking.length === 0) return undefined;
  const names = lacking.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return {
    code: 'MIGRATE_MISSING',
    message: `${platform} lacks what ${uri} uses: ${names}`,
    hint: 'Add it to the platform and verify that, or if it is meant: --anyway',
  };
}

/** A change in words. */
export const changeText = ({ kind, name, from, to, verdict }: PackageDifference): string =>
  verdict === 'missing' ? `${kind} ${name} ${from} is missing there` : `${kind} ${name}: ${from} to ${to} (${verdict})`;

function difference({ kind, name, title, version }: Package, other: Package | undefined): PackageDifference {
  const order = other ? byVersion(other.version, version) : 0;
  const verdict = !other ? 'missing' : order === 0 ? 'same' : order > 0 ? 'upgrade' : 'downgrade';
  return { kind, name, title, from: version, to: other?.version ?? '', verdict };
}

const keyOf = ({ kind, name }: Package): string => `${kind} ${name}`;
