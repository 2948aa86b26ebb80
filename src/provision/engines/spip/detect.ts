import type { PackageInfo } from '../../model/context.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import type { CodeTree, Detection } from '../engine.ts';

/** Debian's package also dispatches in this file, through this folder; our file replaces it. */
export const spipMark = '/etc/spip';

/** Reads version and plugins of a SPIP code base; undefined if it is not one. */
export async function detectSpip(tree: CodeTree): Promise<Detection | undefined> {
  const text = await tree.read('ecrire/inc_version.php');
  const version = text && /\$spip_version_branche\s*=\s*['"]([^'"]+)['"]/.exec(text)?.[1];
  if (!version) return undefined;
  const [options, connected, found] = await Promise.all([
    tree.read('config/mes_options.php'),
    tree.exists('config/connect.php'),
    plugins(tree),
  ]);
  const foreign = options !== undefined && !options.includes(generatedNotice) && !options.includes(spipMark);
  const configured = connected ? 'config/connect.php' : foreign ? 'config/mes_options.php' : undefined;
  return {
    version,
    docroot: '',
    profiles: [{ name: 'default', title: 'SPIP' }],
    packages: [{ kind: 'core', name: 'spip', title: 'SPIP', version }, ...found],
    ...(configured ? { configuredSite: configured } : {}),
  };
}

/** Bundled plugins: each has a paquet.xml with its prefix and version. */
async function plugins(tree: CodeTree): Promise<PackageInfo[]> {
  const names = await tree.list('plugins-dist');
  const texts = await Promise.all(names.map((name) => tree.read(`plugins-dist/${name}/paquet.xml`, 8192)));
  return names.flatMap((name, at) => {
    const paquet = texts[at];
    if (!paquet) return [];
    const value = (key: string): string => new RegExp(`\\b${key}="([^"]*)"`).exec(paquet)?.[1] ?? '';
    const title = /<nom>([^<]*)/.exec(paquet)?.[1]?.trim();
    return [{ kind: 'plugin', name: value('prefix') || name, title: title || name, version: value('version') }];
  });
}
