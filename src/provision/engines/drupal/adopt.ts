import { join } from 'node:path';
import type { Adoption, FoundSettings } from '../engine.ts';
import { hostOf, phpString, textOf, withoutComments } from '../found-settings.ts';
import { localPhp, phpValue } from '../php.ts';
import { saltPhp } from './settings.ts';

/** A Drupal on its own: sites/default, or other folders of sites/ that have settings. */
export const drupalAdoption: Adoption = {
  async sites(tree) {
    const names = (await tree.list('sites')).filter((name) => name !== 'all');
    const sites = names.map((name) => ({ folder: `sites/${name}`, file: `sites/${name}/settings.php` }));
    const there = await Promise.all(sites.map(({ file }) => tree.exists(file)));
    return sites.filter((_site, index) => there[index]);
  },
  // A backup of Aegir 3 is such a folder, with its dump; its drushrc.php says which site it was.
  async alone(tree) {
    const drushrc = await tree.read('drushrc.php', 1024 * 1024);
    if (drushrc === undefined || !(await tree.exists('settings.php'))) return undefined;
    const said = new RegExp(`\\$options\\s*\\[\\s*['"]uri['"]\\s*\\]\\s*=\\s*${phpString}`).exec(
      withoutComments(drushrc),
    );
    return { file: 'settings.php', uri: textOf(said) ?? '' };
  },
  read: readSettings,
  async parts(tree, { folder: here }) {
    const parts = [
      { from: join(here, 'files'), to: 'files' },
      { from: join(here, 'private'), to: 'private' },
      { from: join(here, 'modules'), to: 'extensions/modules' },
      { from: join(here, 'themes'), to: 'extensions/themes' },
    ];
    const there = await Promise.all(parts.map(({ from }) => tree.exists(from)));
    return parts.filter((_part, index) => there[index]);
  },
  leave: ['sites/*/files', 'files'].flatMap((files) =>
    ['css', 'js', 'php', 'styles'].map((made) => `${files}/${made}`),
  ),
};

/** Reads the default database and the salt of a settings.php. */
export function readSettings(text: string): FoundSettings {
  const php = withoutComments(text);
  const [, facts = ''] =
    /\$databases\s*(?:\[\s*['"]default['"]\s*\]\s*)*=((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^;'"])*);/.exec(php) ??
    [];
  const value = (key: string): string | undefined =>
    textOf(new RegExp(`['"]${key}['"]\\s*=>\\s*${phpString}`).exec(facts));
  const [name, account] = [value('database'), value('username')];
  const salt = textOf(new RegExp(`\\$settings\\s*\\[\\s*['"]hash_salt['"]\\s*\\]\\s*=\\s*${phpString}\\s*;`).exec(php));
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
  };
}
