import { AegirError } from '../../errors.ts';
import type { Adoption, FoundSettings } from '../engine.ts';
import { hostOf, phpString, textOf, withoutComments } from '../found-settings.ts';

/** A SPIP on its own: config/connect.php in its folder. */
export const spipAdoption: Adoption = {
  settings: async () => ['config/connect.php'],
  read: readConnect,
  async parts(tree) {
    const parts = [
      { from: 'IMG', to: 'files/IMG' },
      { from: 'squelettes', to: 'extensions/squelettes' },
      { from: 'plugins', to: 'extensions/plugins' },
      { from: 'config/cles.php', to: 'config/cles.php' },
    ];
    const there = await Promise.all(parts.map(({ from }) => tree.exists(from)));
    return parts.filter((_part, index) => there[index]);
  },
  leave: [],
};

/** Reads the arguments of spip_connect_db(): host, port, account, password, name, type, prefix. Throws `ADOPT_UNFIT`. */
export function readConnect(text: string): FoundSettings {
  const call = new RegExp(`spip_connect_db\\s*\\(\\s*${Array(7).fill(phpString).join('\\s*,\\s*')}`);
  const match = call.exec(withoutComments(text));
  if (!match) return { settings: {} };
  const [host = '', port = '', account = '', password = '', name = '', type = '', prefix = ''] = Array.from(
    { length: 7 },
    (_one, index) => textOf(match, 1 + 2 * index),
  );
  if (prefix !== 'spip') {
    throw new AegirError(
      'ADOPT_UNFIT',
      `the tables of this site begin with "${prefix}_", not with "spip_"`,
      'Rename them in a copy of the database, and give its dump.',
      'from',
    );
  }
  const place = hostOf(port === '' ? host : `${host}:${port}`);
  return { database: type === 'mysql' ? { ...place, account, password, name } : undefined, settings: {} };
}
