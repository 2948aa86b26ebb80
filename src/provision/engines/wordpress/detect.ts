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
  const config = await tree.read('wp-config.php');
  // Debian's package has a dispatching wp-config.php of its own, which ours replaces.
  const foreign = config !== undefined && !config.includes(generatedNotice) && !config.includes(wordpressMark);
  return {
    version,
    docroot: '',
    profiles: [{ name: 'default', title: 'WordPress' }],
    packages: [
      { kind: 'core', name: 'wordpress', title: 'WordPress', version },
      ...(await themes(tree)),
      ...(await plugins(tree)),
    ],
    ...(foreign ? { configuredSite: 'wp-config.php' } : {}),
  };
}

async function themes(tree: CodeTree): Promise<PackageInfo[]> {
  const found: PackageInfo[] = [];
  for (const name of await tree.list('wp-content/themes')) {
    const header = await tree.read(`wp-content/themes/${name}/style.css`, 8192);
    if (header) found.push(packageOf('theme', name, header, 'Theme Name'));
  }
  return found;
}

/** A plugin is a file with a header, in `plugins` or one folder below (get_plugins(), wp-admin/includes/plugin.php). */
async function plugins(tree: CodeTree): Promise<PackageInfo[]> {
  const found: PackageInfo[] = [];
  for (const entry of await tree.list('wp-content/plugins')) {
    const files = entry.endsWith('.php')
      ? [entry]
      : (await tree.list(`wp-content/plugins/${entry}`))
          .filter((file) => file.endsWith('.php'))
          .map((file) => `${entry}/${file}`);
    for (const file of files) {
      const header = await tree.read(`wp-content/plugins/${file}`, 8192);
      if (header && /^[\s*#@]*Plugin Name:/im.test(header)) {
        found.push(packageOf('plugin', entry.replace(/\.php$/, ''), header, 'Plugin Name'));
        break;
      }
    }
  }
  return found;
}

function packageOf(kind: 'theme' | 'plugin', name: string, header: string, titleKey: string): PackageInfo {
  const value = (key: string): string => new RegExp(`^[\\s*#@]*${key}:(.*)$`, 'im').exec(header)?.[1]?.trim() ?? '';
  return { kind, name, title: value(titleKey) || name, version: value('Version') };
}
