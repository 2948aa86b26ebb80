import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Code } from '../matrix/world.ts';

/** How database updates of each engine can be made to do work that is seen, and the page to die of it. */
export const updates = {
  wordpress: {
    file: 'wp-admin/includes/upgrade.php',
    begins: 'function wp_upgrade() {',
    did: /"from":"49752","to":"\d+"/,
    works: `update_option('blogname', 'Half-way'); $GLOBALS['wpdb']->query('CREATE TABLE wp_new (id INT PRIMARY KEY)');`,
    files: 'AEGIR_FILES',
    shows: { file: 'wp-includes/template-loader.php', after: '<?php', name: `get_option('blogname')` },
  },
  spip: {
    file: 'ecrire/base/upgrade.php',
    begins: 'function maj_base(',
    did: /"from":"[^"]+","to":"[^"]+"/,
    works: `ecrire_meta('nom_site', 'Half-way'); sql_query('CREATE TABLE spip_new (id INT PRIMARY KEY)');`,
    files: '_DIR_IMG',
    shows: { file: 'ecrire/public.php', after: `$GLOBALS['_INC_PUBLIC'] = 1;`, name: `$GLOBALS['meta']['nom_site']` },
  },
  drupal: {
    file: 'web/core/modules/system/system.install',
    begins: 'function system_update_10201(',
    did: /system_update_10201/,
    works: `\\Drupal::configFactory()->getEditable('system.site')->set('name', 'Half-way')->save(); \\Drupal::database()->query('CREATE TABLE {new} (id INT PRIMARY KEY)');`,
    files: `\\Drupal::service('file_system')->realpath('public://')`,
    shows: {
      file: 'web/index.php',
      after: '$response = $kernel->handle($request);',
      name: `\\Drupal::config('system.site')->get('name')`,
    },
  },
};

function edit(tree: string, file: string, from: string, to: string): void {
  const path = join(tree, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}

/** Lets database updates do something of their own, and then what is told. */
function changeUpdates(tree: string, engine: Code['engine'], then: (asItWas: string) => string): void {
  const { file, begins, works } = updates[engine];
  const name = begins.replace(/^function |\(.*/g, '');
  const other = `${name}_as_it_was`;
  edit(tree, file, begins, `function ${name}() { ${works} ${then(other)} }\n${begins.replace(name, other)}`);
}

/** Lets updates die when half of their work is done. */
export const breakUpdates = (tree: string, engine: Code['engine']): void =>
  changeUpdates(tree, engine, () => `throw new \\Error('dead half-way');`);

/** Lets updates do their work and write content and files as well; from then on the page dies. */
export function breakPage(tree: string, engine: Code['engine']): void {
  const { files, shows } = updates[engine];
  changeUpdates(tree, engine, (asItWas) =>
    [
      `foreach (glob(${files} . '/*/words.txt') ?: [] as $file) { unlink($file); }`,
      `foreach (glob(${files} . '/words.txt') ?: [] as $file) { unlink($file); }`,
      `file_put_contents(${files} . '/new.txt', 'new');`,
      `$one = null; return ${asItWas}($one);`,
    ].join(' '),
  );
  const dies = `if (${shows.name} === 'Half-way') { throw new \\Error('dead after the update'); }`;
  edit(tree, shows.file, shows.after, `${shows.after} ${dies}`);
}
