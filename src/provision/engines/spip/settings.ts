import { basename, dirname, join } from 'node:path';
import { engineFile } from '../../host/local/own-files.ts';
import { type PlatformContext, platformDocroot, type SiteContext } from '../../model/context.ts';
import type { GeneratedFile } from '../../model/generated-file.ts';
import type { DatabaseAccess, Served } from '../../model/service-facts.ts';
import { heldLines, localPhp, phpFile, phpValue, settingsFiles } from '../php.ts';

/** The platform's mes_options.php, which selects the folders of the requested site, and polyfills for older PHP. */
export function spipPlatformFiles(platform: PlatformContext): GeneratedFile[] {
  const local = "each site's settings/local.settings.php";
  const shared = (name: string, source: string): GeneratedFile => ({
    path: join(platformDocroot(platform), 'config', name),
    group: 'root',
    mode: 0o644,
    text: phpFile(engineFile('spip', source).replace(/^<\?php\n/, ''), local),
  });
  return [shared('mes_options.php', 'dispatch.php'), shared('aegir_polyfill.php', 'polyfill.php')];
}

/** The database connection, modes, own lines and the login action of a site. */
export function spipSettings(site: SiteContext, { database }: Served): GeneratedFile[] {
  const own = settingsFiles(site);
  const local = 'local.settings.php';
  return [
    own('connect.php', phpFile(connect(database), local)),
    // Modes that SPIP sets on its files. Setting them removes the setgid bit of a folder, so the web server needs the
    // permissions of others, who cannot enter the folder above.
    own('chmod.php', phpFile(`if (!defined('_SPIP_CHMOD')) {\n  define('_SPIP_CHMOD', 0755);\n}`, local)),
    own('mysocket.php', phpFile(`${heldLines}\n${placeLine(database)}`, local)),
    own(local, localPhp('Lines here are what mes_options.php holds on a site of its own.'), true),
    own('action/aegir_login.php', engineFile('spip', 'action-login.php')),
  ];
}

/**
 * As written by SPIP's installer (install_fichier_connexion()), with the ninth argument set: otherwise SPIP requests
 * the character set "utf8", which MariaDB 10.6 and newer call utf8mb3, and would store accents double-encoded.
 */
function connect(access: DatabaseAccess): string {
  const { type, account, name, charset } = connection(access);
  return `
if (!defined('_ECRIRE_INC_VERSION')) {
  return;
}
defined('_MYSQL_SET_SQL_MODE') || define('_MYSQL_SET_SQL_MODE', true);
$GLOBALS['spip_connect_version'] = 0.8;
// MariaDB's account logs in by unix_socket: the operating system says who asks.
spip_connect_db('localhost', '', ${phpValue(account)}, '', ${phpValue(name)}, '${type}', 'spip', '', '${charset}');`;
}

/** A database in SPIP's terms: a file without its folder. */
export const connection = (access: DatabaseAccess) =>
  access.driver === 'sqlite'
    ? {
        type: 'sqlite3',
        account: '',
        name: basename(access.file, '.sqlite'),
        charset: '',
      }
    : { type: 'mysql', account: access.account, name: access.database, charset: 'utf8mb4' };

/** Defines the database's folder before SPIP chooses its own. */
const placeLine = (access: DatabaseAccess): string =>
  access.driver === 'mariadb'
    ? `ini_set('mysqli.default_socket', ${phpValue(access.socket)});`
    : `defined('_DIR_DB') || define('_DIR_DB', ${phpValue(`${dirname(access.file)}/`)});`;
