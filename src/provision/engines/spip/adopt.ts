import { join } from 'node:path';
import { AegirError } from '../../model/errors.ts';
import type { Adoption, FoundSettings } from '../engine.ts';
import { hostOf, phpString, statementsOf, textOf, withoutComments } from '../found-settings.ts';

/**
 * A separately installed SPIP: config/connect.php in its folder; or one of several in sites/, with the same files
 * below.
 */
export const spipAdoption: Adoption = {
  async sites(tree) {
    const folders = ['', ...(await tree.list('sites')).map((name) => `sites/${name}`)];
    const sites = folders.map((folder) => ({ folder, file: join(folder, 'config/connect.php') }));
    const there = await Promise.all(sites.map(({ file }) => tree.exists(file)));
    return sites.filter((_site, index) => there[index]);
  },
  also: 'mes_options.php',
  read: readConnect,
  async parts(tree, { folder }) {
    const parts = [
      { from: join(folder, 'IMG'), to: 'files/IMG' },
      { from: join(folder, 'squelettes'), to: 'extensions/squelettes' },
      { from: join(folder, 'plugins'), to: 'extensions/plugins' },
      { from: join(folder, 'config/cles.php'), to: 'config/cles.php' },
    ];
    const there = await Promise.all(parts.map(({ from }) => tree.exists(from)));
    return parts.filter((_part, index) => there[index]);
  },
  leave: [],
};

/** SPIP's guard against direct requests for the file. */
const guard = /^if\s*\(\s*!\s*defined\s*\(\s*['"]_ECRIRE_INC_VERSION/;

/**
 * Reads the arguments of spip_connect_db(): host, port, account, password, name, type, prefix; and the statements of
 * mes_options.php. Throws `ADOPT_UNFIT`.
 */
export function readConnect(text: string, options = ''): FoundSettings {
  const more = statementsOf(withoutComments(options)).filter((statement) => !guard.test(statement));
  const call = new RegExp(`spip_connect_db\\s*\\(\\s*${Array(7).fill(phpString).join('\\s*,\\s*')}`);
  const match = call.exec(withoutComments(text));
  const found = { settings: {}, more, moreIn: 'mes_options.php' };
  if (!match) return found;
  const [host = '', port = '', account = '', password = '', name = '', type = '', prefix = ''] = Array.from(
    { length: 7 },
    (_one, index) => textOf(match, 1 + 2 * index),
  );
  if (prefix !== 'spip') {
    throw new AegirError(
      'ADOPT_UNFIT',
      `the tables of this site begin with "${prefix}_", not with "spip_"`,
      'Rename them in a copy of the database, and use its dump.',
      'from',
    );
  }
  const place = hostOf(port === '' ? host : `${host}:${port}`);
  return { ...found, database: type === 'mysql' ? { ...place, account, password, name } : undefined };
}
