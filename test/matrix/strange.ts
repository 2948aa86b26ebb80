import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSite } from '../../src/db/sites.ts';
import { socketOf } from '../support/stack.ts';
import { MAIN, type World } from './world.ts';

/** What others have made on the machine: a site with an installation of its own, and changes by hand. */

const ACCOUNT = 'strange';
const folderOf = ({ stack }: World): string => join(stack.root, 'trees/strange');
const fileOf = ({ stack }: World, name: string): string => join(stack.root, 'cache', name);
const sql = (world: World, text: string, database = 'mysql'): void =>
  void execFileSync('mariadb', ['--socket', socketOf(world.stack), database], { input: text });

/** The main site once more, as somebody has it who knows nothing of this program: code, settings, files, database. */
export async function makeStrangeSite(world: World): Promise<void> {
  const site = findSite(world.root.inventory, MAIN);
  const home = join(world.stack.paths.sites, site?.handle ?? '');
  const folder = folderOf(world);
  execFileSync('cp', ['-a', world.otherTree, folder]);
  const own = ['sites/sites.php', 'wp-config.php', 'config/mes_options.php', 'aegir_polyfill.php'];
  for (const file of own) rmSync(join(folder, file), { force: true });
  const files = { wordpress: 'wp-content/uploads', spip: '', drupal: 'web/sites/default/files' }[world.code.engine];
  mkdirSync(join(folder, files), { recursive: true });
  execFileSync('cp', ['-a', `${join(home, 'data/files')}/.`, join(folder, files)]);
  writeSettings(world, join(home, `releases/${site?.release}`));
  execFileSync('chown', ['-R', '65534:65534', folder]);
  // Our own folders hand their group on, which no archive may.
  execFileSync('chmod', ['-R', 'a-s,u=rwX,go=rX', folder]);
  const dump = execFileSync('mariadb-dump', ['--socket', socketOf(world.stack), site?.databaseName ?? ''], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  }).replace(/^\/\*M!.*\n/, '');
  sql(
    world,
    `CREATE DATABASE ${ACCOUNT}; CREATE USER ${ACCOUNT}@localhost IDENTIFIED BY 'secret';
    GRANT ALL ON ${ACCOUNT}.* TO ${ACCOUNT}@localhost`,
  );
  sql(world, dump, ACCOUNT);
  writeFileSync(fileOf(world, 'strange.sql'), dump);
  execFileSync('tar', ['-cf', fileOf(world, 'strange.tar'), '-C', folder, '.']);
}

function writeSettings(world: World, release: string): void {
  const folder = folderOf(world);
  const socket = socketOf(world.stack);
  const { engine } = world.code;
  if (engine === 'wordpress') {
    const constants = { DB_NAME: ACCOUNT, DB_USER: ACCOUNT, DB_PASSWORD: 'secret', DB_HOST: `localhost:${socket}` };
    const lines = Object.entries(constants).map(([name, value]) => `define('${name}', '${value}');`);
    writeFileSync(join(folder, 'wp-config.php'), `<?php\n${lines.join('\n')}\n`);
  } else if (engine === 'spip') {
    const words = [`localhost:${socket}`, '', ACCOUNT, 'secret', ACCOUNT, 'mysql', 'spip', '', 'utf8'];
    const call = `spip_connect_db(${words.map((word) => `'${word}'`).join(',')});`;
    writeFileSync(join(folder, 'config/connect.php'), `<?php\n${call}\n`);
    writeFileSync(join(folder, 'config/cles.php'), readFileSync(join(release, 'config/cles.php')));
  } else {
    const facts = `'driver' => 'mysql', 'database' => '${ACCOUNT}', 'username' => '${ACCOUNT}', 'password' => 'secret'`;
    const lines = `$databases['default']['default'] = [${facts}, 'unix_socket' => '${socket}'];\n$settings['hash_salt'] = 'x';\n`;
    writeFileSync(join(folder, 'web/sites/default/settings.php'), `<?php\n${lines}`);
  }
}

/** Takes all of it away again. */
export async function removeStrangeSite(world: World): Promise<void> {
  rmSync(folderOf(world), { recursive: true, force: true });
  for (const name of ['strange.sql', 'strange.tar']) rmSync(fileOf(world, name), { force: true });
  sql(world, `DROP DATABASE ${ACCOUNT}; DROP USER ${ACCOUNT}@localhost`);
}

export const strangeFolder = (world: World) => ({ from: folderOf(world), platform: 'other' });
export const strangeArchive = (world: World) => ({
  from: fileOf(world, 'strange.tar'),
  dump: fileOf(world, 'strange.sql'),
  platform: 'other',
});

/** Somebody edits the vhost of the main site. */
export async function editVhost(world: World): Promise<void> {
  const { config } = world.stack.paths;
  const files = readdirSync(config, { recursive: true, encoding: 'utf8' }).map((name) => join(config, name));
  const vhosts = files.filter(
    (file) => file.endsWith('.conf') && existsSync(file) && readFileSync(file, 'utf8').includes(MAIN),
  );
  if (vhosts.length === 0) throw new Error(`there is no vhost of ${MAIN}`);
  for (const file of vhosts) {
    const text = readFileSync(file, 'utf8');
    if (!text.includes('by hand')) writeFileSync(file, `${text}# by hand\n`);
  }
}

/** Somebody opens the files of the main site to all. */
export async function openFiles(world: World): Promise<void> {
  const { handle = '' } = findSite(world.root.inventory, MAIN) ?? {};
  chmodSync(join(world.stack.paths.sites, handle, 'data/files'), 0o777);
}
