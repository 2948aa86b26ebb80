import type { Adoption, FoundSettings } from '../engine.ts';
import { hostOf, phpString, statementsOf, textOf, withoutComments } from '../found-settings.ts';
import { localPhp, phpValue } from '../php.ts';
import { saltNames, saltsPhp } from './settings.ts';

/** Caches, and drop-ins that tie a site to its old server. */
const left = [
  'cache',
  'upgrade',
  'upgrade-temp-backup',
  'debug.log',
  'advanced-cache.php',
  'object-cache.php',
  'db.php',
];

/** A separately installed WordPress: wp-config.php in its folder; all of wp-content belongs to the site. */
export const wordpressAdoption: Adoption = {
  sites: async (tree) => ((await tree.exists('wp-config.php')) ? [{ folder: '', file: 'wp-config.php' }] : []),
  read: readWpConfig,
  async parts(tree) {
    const names = (await tree.list('wp-content')).filter((name) => name !== 'uploads' && !left.includes(name));
    const uploads = (await tree.exists('wp-content/uploads')) ? [{ from: 'wp-content/uploads', to: 'files' }] : [];
    return [...uploads, ...names.map((name) => ({ from: `wp-content/${name}`, to: `extensions/${name}` }))];
  },
  leave: ['wp-content/uploads/cache'],
};

/** Constants that our own settings or WordPress's default wp-config.php already define. */
const ours = new RegExp(
  `^define\\s*\\(\\s*['"](${[
    ...['DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_CHARSET', 'DB_COLLATE', ...saltNames],
    ...['WP_HOME', 'WP_SITEURL', 'WP_DEBUG', 'ABSPATH'],
  ].join('|')})['"]|^\\$table_prefix\\b|^if\\s*\\(\\s*!\\s*defined\\s*\\(\\s*['"]ABSPATH|^require.*wp-settings\\.php`,
);

/** Reads the constants of a wp-config.php. */
export function readWpConfig(text: string): FoundSettings {
  const php = withoutComments(text);
  const constant = (name: string): string | undefined =>
    textOf(new RegExp(`define\\s*\\(\\s*['"]${name}['"]\\s*,\\s*${phpString}`).exec(php));
  const [account, name] = [constant('DB_USER'), constant('DB_NAME')];
  const prefix = textOf(new RegExp(`\\$table_prefix\\s*=\\s*${phpString}`).exec(php)) ?? 'wp_';
  const salts = saltNames.map((salt) => [salt, constant(salt)] as const);
  const known = salts.every(([, value]) => value !== undefined && value !== '');
  const database =
    account === undefined || name === undefined
      ? undefined
      : { ...hostOf(constant('DB_HOST') ?? ''), account, name, password: constant('DB_PASSWORD') ?? '' };
  const line = prefix === 'wp_' ? '' : `$table_prefix = ${phpValue(prefix)};\n`;
  return {
    database,
    settings: {
      ...(known ? { 'salts.php': saltsPhp(salts.map(([salt, value]) => [salt, value ?? ''])) } : {}),
      ...(line ? { 'local.settings.php': `${localPhp('Constants that are defined here come first.')}${line}` } : {}),
    },
    more: statementsOf(php).filter((statement) => !ours.test(statement)),
  };
}
