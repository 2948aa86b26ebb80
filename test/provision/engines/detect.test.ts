import { describe, expect, it } from 'vitest';
import type { CodeTree } from '../../../src/provision/engines/engine.ts';
import { detectSpip } from '../../../src/provision/engines/spip/detect.ts';
import { detectWordpress } from '../../../src/provision/engines/wordpress/detect.ts';

const wordpress = { 'wp-includes/version.php': "<?php\n$wp_version = '6.8.1';\n" };
const spip = { 'ecrire/inc_version.php': "<?php\n$spip_version_branche = '4.4.3';\n" };

describe('a tree of WordPress', () => {
  it('shows its version, themes and plugins', async () => {
    const found = await detectWordpress(
      treeOf({
        ...wordpress,
        'wp-content/themes/plain/style.css': '/*\nTheme Name: Plain\nVersion: 1.2\n*/',
        'wp-content/plugins/hello.php': '<?php\n/*\nPlugin Name: Hello\nVersion: 1.7\n*/',
        'wp-content/plugins/shop/readme.php': '<?php // no header',
        'wp-content/plugins/shop/shop.php': '<?php\n/**\n * Plugin Name: Shop\n * Version: 3\n */',
      }),
    );
    expect(found?.version).toBe('6.8.1');
    expect(found?.packages.map(({ kind, name, version }) => `${kind} ${name} ${version}`)).toEqual([
      'core wordpress 6.8.1',
      'theme plain 1.2',
      'plugin hello 1.7',
      'plugin shop 3',
    ]);
  });

  it("that somebody's site uses already is told apart", async () => {
    const found = await detectWordpress(treeOf({ ...wordpress, 'wp-config.php': "<?php define('DB_NAME', 'x');" }));
    expect(found?.configuredSite).toBe('wp-config.php');
  });
});

describe('a tree of SPIP', () => {
  it('shows its version and plugins', async () => {
    const paquet = '<paquet prefix="mots" version="4.3.0"><nom>Mots-clés</nom></paquet>';
    const found = await detectSpip(treeOf({ ...spip, 'plugins-dist/mots/paquet.xml': paquet }));
    expect(found?.version).toBe('4.4.3');
    expect(found?.packages[1]).toEqual({ kind: 'plugin', name: 'mots', title: 'Mots-clés', version: '4.3.0' });
  });

  it("that somebody's site uses already is told apart", async () => {
    const found = await detectSpip(treeOf({ ...spip, 'config/connect.php': '<?php' }));
    expect(found?.configuredSite).toBe('config/connect.php');
  });
});

it('an engine does not take the tree of another, nor an empty one', async () => {
  expect(await detectWordpress(treeOf(spip))).toBeUndefined();
  expect(await detectSpip(treeOf(wordpress))).toBeUndefined();
  expect(await detectSpip(treeOf({}))).toBeUndefined();
});

/** A tree of files held in memory: path to text. */
function treeOf(files: Record<string, string>): CodeTree {
  const paths = Object.keys(files);
  return {
    read: async (path: string, bytes?: number) => files[path]?.slice(0, bytes),
    exists: async (path: string) => paths.some((file) => file === path || file.startsWith(`${path}/`)),
    list: async (path: string) => [
      ...new Set(
        paths
          .filter((file) => file.startsWith(`${path}/`))
          .map((file) => file.slice(path.length + 1).split('/')[0] ?? ''),
      ),
    ],
  };
}
