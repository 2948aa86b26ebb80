import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codeTree } from '../../../src/provision/engines/code-tree.ts';
import { drupal } from '../../../src/provision/engines/drupal/engine.ts';
import { spip } from '../../../src/provision/engines/spip/engine.ts';
import { wordpress } from '../../../src/provision/engines/wordpress/engine.ts';
import type { Host } from '../../../src/provision/host/host.ts';
import { lookAt } from '../../../src/provision/host/local/reads.ts';

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'aegir-trees-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A code base of a usual size: so many packages, of which a third lie a folder deeper where the CMS looks there. */
const trees = {
  wordpress: (): Record<string, string> => ({
    'wp-includes/version.php': "<?php\n$wp_version = '6.8.1';\n",
    ...many(10, (n) => [`wp-content/themes/t${n}/style.css`, `/*\nTheme Name: T${n}\nVersion: 1\n*/`]),
    ...many(40, (n) => [`wp-content/plugins/p${n}/p${n}.php`, `<?php\n/*\nPlugin Name: P${n}\nVersion: 1\n*/`]),
    ...many(40, (n) => [`wp-content/plugins/p${n}/a.php`, '<?php // no header']),
  }),
  spip: (): Record<string, string> => ({
    'ecrire/inc_version.php': "<?php\n$spip_version_branche = '4.4.3';\n",
    ...many(30, (n) => [
      `plugins-dist/p${n}/paquet.xml`,
      `<paquet prefix="p${n}" version="1"><nom>P${n}</nom></paquet>`,
    ]),
  }),
  drupal: (): Record<string, string> => ({
    'web/core/lib/Drupal.php': "<?php\nclass Drupal { const VERSION = '11.1.0'; }",
    ...many(60, (n) => [`web/core/modules/m${n}/m${n}.info.yml`, `name: M${n}\nversion: VERSION\n`]),
    ...many(60, (n) => [`web/modules/contrib/c${n}/c${n}.info.yml`, `name: C${n}\nversion: '1.0'\n`]),
    ...many(5, (n) => [`web/core/themes/t${n}/t${n}.info.yml`, `name: T${n}\nversion: VERSION\n`]),
  }),
};
const many = (count: number, one: (number: number) => [string, string]): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => one(number)));

// A host elsewhere takes its time for each call. The reads are what had a call each.
it.each([
  { engine: wordpress, packages: 51, reads: 134, calls: 4 },
  { engine: spip, packages: 31, reads: 34, calls: 3 },
  { engine: drupal, packages: 126, reads: 137, calls: 5 },
])('$engine.title is recognised in $calls calls of a host, for $reads reads', async ({ engine, ...expected }) => {
  const folder = join(root, engine.name);
  for (const [path, text] of Object.entries(trees[engine.name as keyof typeof trees]())) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const seen = { calls: 0, reads: 0 };
  const counted: Pick<Host, 'look'> = {
    look(wanted) {
      seen.calls += 1;
      seen.reads += wanted.length;
      return lookAt(wanted);
    },
  };
  const found = await engine.detect(codeTree(counted, folder));
  expect({ packages: found?.packages.length, ...seen }).toEqual(expected);
});
