import type { PackageInfo } from '../../model/context.ts';
import { generatedNotice } from '../../model/generated-file.ts';
import type { CodeTree, Detection } from '../engine.ts';

/** Debian's package also dispatches in this file, through this folder; our file replaces it. */
export const wordpressMark = '/etc/wordpress/';

/** Reads version, plugins and themes of a WordPress code base; undefined if it is not one. */
export async function detectWordpress(tree: CodeTree): Promise<Detection | undefined> {
  const text = await tree.read('wp-includes/version.php');
  const version = text && /^\s*\$wp_version\s*=\s*['"]([^'"]+)['"]/m.exec(text)?.[1];
  if (!version) return undefined;
  const [config, ...found] = await Promise.all([tree.read('wp-config.php'), themes(tree), plugins(tree)]);
  // Debian's package has a dispatching wp-config.php of its own, which ours replaces.
  const foreign = config !== undefined && !config.includes(generatedNotice) && !config.includes(wordpressMark);
  return {
    version,
    docroot: '',
    profiles: [{ name: 'default', title: 'WordPress' }],
    packages: [{ kind: 'core', name: 'wordpress', title: 'WordPress', version }, ...found.flat()],
    ...(foreign ? { configuredSite: 'wp-config.php' } : {}),
  };
}

async function themes(tree: CodeTree): Promise<PackageInfo[]> {
  const names = await tree.list('wp-content/themes');
  const headers = await Promise.all(names.map((name) => tree.read(`wp-content/themes/${name}/style.css`, 8192)));
  return names.flatMap((name, at) => (headers[at] ? [packageOf('theme', name, headers[at], 'Theme Name')] : []));
}

/** A plugin is a file with a header, in `plugins` or one folder below (get_plugins(), wp-admin/includes/plugin.php). */
async function plugins(tree: CodeTree): Promise<PackageInfo[]> {
  const entries = await tree.list('wp-content/plugins');
  const found = await Promise.all(entries.map((entry) => plugin(tree, entry)));
  return found.filter((info) => info !== undefined);
}

async function plugin(tree: CodeTree, entry: string): Promise<PackageInfo | undefined> {
  const files = entry.endsWith('.php')
    ? [entry]
    : (await tree.list(`wp-content/plugins/${entry}`))
        .filter((file) => file.endsWith('.php'))
        .map((file) => `${entry}/${file}`);
  const headers = await Promise.all(files.map((file) => tree.read(`wp-content/plugins/${file}`, 8192)));
  const header = headers.find((text) => text && /^[\s*#@]*Plugin Name:/im.test(text));
  return header ? packageOf('plugin', entry.replace(/\.php$/, ''), header, 'Plugin Name') : undefined;
}

function packageOf(kind: 'theme' | 'plugin', name: string, header: string, titleKey: string): PackageInfo {
  const value = (key: string): string => new RegExp(`^[\\s*#@]*${key}:(.*)$`, 'im').exec(header)?.[1]?.trim() ?? '';
  return { kind, name, title: value(titleKey) || name, version: value('Version') };
}
