import { join } from 'node:path';
import type { Adoption, CodeTree, FoundSettings } from '../engine.ts';
import { hostOf, phpString, statementsOf, textOf, withoutComments } from '../found-settings.ts';
import { localPhp, phpValue } from '../php.ts';
import { saltPhp } from './settings.ts';

/** A separately installed Drupal: sites/default, or other folders of sites/ with settings. */
export const drupalAdoption: Adoption = {
  async sites(tree) {
    const names = (await tree.list('sites')).filter((name) => name !== 'all');
    const sites = names.map((name) => ({ folder: `sites/${name}`, file: `sites/${name}/settings.php` }));
    const there = await Promise.all(sites.map(({ file }) => tree.exists(file)));
    return sites.filter((_site, index) => there[index]);
  },
  // An Aegir 3 backup is such a folder, with its dump; its drushrc.php names the site.
  async alone(tree) {
    const drushrc = await tree.read('drushrc.php', 1024 * 1024);
    if (drushrc === undefined || !(await tree.exists('settings.php'))) return undefined;
    const named = new RegExp(`\\$options\\s*\\[\\s*['"]uri['"]\\s*\\]\\s*=\\s*${phpString}`).exec(
      withoutComments(drushrc),
    );
    return { file: 'settings.php', uri: textOf(named) ?? '' };
  },
  read: readSettings,
  // The file of people's own lines in Aegir 3, whose settings.php loads it.
  own: 'local.settings.php',
  async parts(tree, { folder: here, file }) {
    const php = withoutComments((await tree.read(file, 1024 * 1024)) ?? '');
    const sync = setting(php, 'config_sync_directory') ?? syncDirectory(php);
    const parts = await Promise.all([
      // First, since the folders below may contain it.
      part(tree, here, 'config/sync', [sync]),
      part(tree, here, 'private', [setting(php, 'file_private_path'), 'private']),
      part(tree, here, 'files', [setting(php, 'file_public_path'), 'files']),
      part(tree, here, 'extensions/modules', [undefined, 'modules']),
      part(tree, here, 'extensions/themes', [undefined, 'themes']),
    ]);
    return parts.flat();
  },
  leave: ['sites/*/files', 'files'].flatMap((files) =>
    ['css', 'js', 'php', 'styles'].map((made) => `${files}/${made}`),
  ),
};

/**
 * Prefers the folder named in settings.php to that in the site's folder; returns the named one even if it is missing.
 */
async function part(tree: CodeTree, here: string, to: string, [named, plain]: (string | undefined)[]) {
  // In a backup the site's folder may have another name than in its settings.
  const alone = here === '' ? named?.replace(/^sites\/[^/]+\//, '') : undefined;
  const beside = plain === undefined ? undefined : join(here, plain);
  for (const from of [named, alone, beside]) {
    if (from !== undefined && from !== '' && (await tree.exists(from))) return [{ from, to }];
  }
  return named === undefined || named === plain ? [] : [{ from: named, to }];
}

const key = (name: string): string => `\\[\\s*['"]?${name}['"]?\\s*\\]`;
const setting = (php: string, name: string): string | undefined =>
  textOf(new RegExp(`\\$settings\\s*${key(name)}\\s*=\\s*${phpString}\\s*;`).exec(php));
/** In the form of Drupal 8. */
const syncDirectory = (php: string): string | undefined =>
  textOf(
    new RegExp(`\\$config_directories\\s*${key('(?:sync|staging|CONFIG_SYNC_DIRECTORY)')}\\s*=\\s*${phpString}`).exec(
      php,
    ),
  );

/** Statements that our own settings or Drupal's default settings.php already contain. */
const known = new RegExp(
  `^\\$(databases|config_directories)\\b|^\\$settings\\s*${key(
    `(${[
      ...['hash_salt', 'config_sync_directory', 'file_public_path', 'file_private_path', 'file_temp_path'],
      ...['trusted_host_patterns', 'update_free_access', 'skip_permissions_hardening', 'container_yamls'],
      ...['file_chmod_directory', 'file_chmod_file', 'file_scan_ignore_directories', 'install_profile'],
      ...['entity_update_batch_size', 'entity_update_backup', 'migrate_node_migrate_type_classic', 'state_cache'],
    ].join('|')})`,
  )}`,
);

/** Reads the default database and the hash salt of a settings.php. */
export function readSettings(text: string): FoundSettings {
  const php = withoutComments(text);
  const [, facts = ''] =
    /\$databases\s*(?:\[\s*['"]default['"]\s*\]\s*)*=((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^;'"])*);/.exec(php) ??
    [];
  const value = (key: string): string | undefined =>
    textOf(new RegExp(`['"]${key}['"]\\s*=>\\s*${phpString}`).exec(facts));
  const [name, account] = [value('database'), value('username')];
  const salt = setting(php, 'hash_salt');
  const prefix = value('prefix') ?? '';
  const line = `$databases['default']['default']['prefix'] = ${phpValue(prefix)};\n`;
  const socket = value('unix_socket') ?? '';
  const place = { ...hostOf(`${value('host') ?? ''}:${value('port') ?? ''}`), ...(socket ? { socket } : {}) };
  const mysql = (value('driver') ?? 'mysql') === 'mysql' && name !== undefined && account !== undefined;
  return {
    database: mysql ? { ...place, account, name, password: value('password') ?? '' } : undefined,
    settings: {
      ...(salt ? { 'salt.php': saltPhp(salt) } : {}),
      ...(prefix
        ? { 'local.settings.php': `${localPhp('Lines here come after the ones of settings.php.')}${line}` }
        : {}),
    },
    // Aegir 3 generates this file; people's own lines are in another.
    more: text.includes('generated by Aegir') ? [] : statementsOf(php).filter((statement) => !known.test(statement)),
  };
}
