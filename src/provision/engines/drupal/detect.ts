import type { PackageInfo, Profile } from '../../model/context.ts';
import type { CodeTree, Detection } from '../engine.ts';

/** Reads version, profiles, modules and themes of a Drupal code base; undefined if it is not one. */
export async function detectDrupal(tree: CodeTree): Promise<Detection | undefined> {
  const below = (docroot: string, path: string): string => (docroot ? `${docroot}/${path}` : path);
  const texts = await Promise.all(docroots.map((docroot) => tree.read(below(docroot, 'core/lib/Drupal.php'))));
  for (const [at, docroot] of docroots.entries()) {
    const version = /const VERSION = '([^']+)'/.exec(texts[at] ?? '')?.[1];
    if (!version) continue;
    const [settings, ...found] = await Promise.all([
      tree.read(below(docroot, 'sites/default/settings.php'), 256 * 1024),
      ...extensionFolders.map(([folder, kind]) => extensions(tree, below(docroot, folder), kind, version)),
    ]);
    const configured = settings !== undefined && /^\s*\$databases\s*(\[|=\s*\[\s*')/m.test(settings);
    const core: PackageInfo = { kind: 'core', name: 'drupal', title: 'Drupal', version };
    const packages = [core, ...found.flat()];
    return {
      version,
      docroot,
      profiles: profilesOf(packages),
      packages: packages.filter((info) => !hiddenProfiles.has(info)),
      ...(configured ? { configuredSite: below(docroot, 'sites/default/settings.php') } : {}),
    };
  }
  return undefined;
}

const docroots = ['', 'web', 'docroot'];

/** Where Drupal looks for extensions (ExtensionDiscovery), and how deep. */
const extensionFolders: [string, PackageInfo['kind']][] = [
  ['core/profiles', 'profile'],
  ['core/modules', 'module'],
  ['core/themes', 'theme'],
  ['profiles', 'profile'],
  ['modules', 'module'],
  ['themes', 'theme'],
];

const hiddenProfiles = new WeakSet<PackageInfo>();

/** The profiles that a person may choose; minimal and standard first. */
function profilesOf(packages: PackageInfo[]): Profile[] {
  const order = ['standard', 'minimal'];
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return packages
    .filter((info) => info.kind === 'profile' && !hiddenProfiles.has(info))
    .map(({ name, title }) => ({ name, title }))
    .sort((one, other) => rank(one.name) - rank(other.name) || one.name.localeCompare(other.name));
}

/**
 * The extensions in a folder: each has an info file with its own name; folders that only group others are searched too.
 */
async function extensions(
  tree: CodeTree,
  folder: string,
  kind: PackageInfo['kind'],
  coreVersion: string,
  depth = 0,
): Promise<PackageInfo[]> {
  const skipped = ['tests', 'vendor', 'node_modules'];
  const names = (await tree.list(folder)).filter((name) => !name.startsWith('.') && !skipped.includes(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const info = await tree.read(`${folder}/${name}/${name}.info.yml`, 16 * 1024);
      if (info) return [packageOf(kind, name, info, coreVersion)];
      if (depth >= 2 || name.includes('.')) return [];
      return extensions(tree, `${folder}/${name}`, kind, coreVersion, depth + 1);
    }),
  );
  return found.flat();
}

function packageOf(kind: PackageInfo['kind'], name: string, info: string, coreVersion: string): PackageInfo {
  const value = (key: string): string => new RegExp(`^${key}:\\s*['"]?([^'"#\\n]*)`, 'm').exec(info)?.[1]?.trim() ?? '';
  const version = value('version');
  const result: PackageInfo = {
    kind,
    name,
    title: value('name') || name,
    version: version === 'VERSION' ? coreVersion : version,
  };
  if (kind === 'profile' && /^true$/i.test(value('hidden'))) hiddenProfiles.add(result);
  return result;
}
