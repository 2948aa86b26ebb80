import { z } from 'zod';
import type { Host } from '../../host/host.ts';
import { lastOutput } from '../../host/local/exec.ts';
import type { ServiceProcess, UserCommand } from '../../host/root-acts.ts';
import { type ServerContext, type SiteContext, serviceOf } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import type { DatabaseDriver } from '../service.ts';
import { pidFileMs, pidState } from '../state.ts';

const settings = z.object({
  binary: z.string(),
  /** Empty: MariaDB's default configuration files. */
  conf: z.string(),
  socket: z.string(),
  pidFile: z.string(),
  unit: z.string(),
});

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'db').settings);

const PROMPT = '/usr/bin/mariadb';

async function bytes(host: Host, site: SiteContext): Promise<number> {
  const { socket, database } = databaseNames(site);
  return (await host.act('db.size', { socket, database })).bytes;
}

/** MariaDB on this machine, where each site's account logs in by `unix_socket`. */
export const mariadb: DatabaseDriver = {
  kind: 'db',
  name: 'mariadb',
  async detect(host) {
    const asked = await host.ask({ file: PACKAGED.binary, args: ['--version'], timeoutMs: 10_000 });
    if (asked.code !== 0) return [];
    const version = /Ver (\d+\.\d+\.\d+)/.exec(asked.stdout)?.[1] ?? '';
    return [{ kind: 'db', driver: 'mariadb', version, settings: PACKAGED }];
  },
  packaged: async () => ({ kind: 'db', driver: 'mariadb', version: '', settings: PACKAGED }),
  state: async (host, server) => pidState(host, settingsOf(server).binary, processOf(server)),
  async test(host, server) {
    const { binary, conf } = settingsOf(server);
    const asked = await host.ask({
      file: binary,
      args: [...defaults(conf), '--user=mysql', '--help', '--verbose'],
      timeoutMs: 30_000,
    });
    if (asked.code === 0) return [];
    throw new AegirError(
      'CONFIG_REFUSED',
      `MariaDB refuses its configuration: ${lastOutput(asked)}`,
      'See /etc/mysql.',
    );
  },
  control: (host, server, action, signal) =>
    host.act('service.control', { service: processOf(server), action }, signal && { signal }),
  startedMs: (host, server) => pidFileMs(host, processOf(server)),
  access: (site) => ({ driver: 'mariadb', ...databaseNames(site) }),
  phpSettings(server) {
    const { socket } = settingsOf(server);
    return { 'mysqli.default_socket': socket, 'pdo_mysql.default_socket': socket };
  },
  async present(host, site) {
    const { socket, database, account } = databaseNames(site);
    const there = await host.act('db.list', { socket, prefix: site.handle });
    return [
      ...there.databases.filter((name) => name === database).map((name) => `database ${name}`),
      ...there.accounts.filter((name) => name === account).map((name) => `account ${name}`),
    ];
  },
  make: (host, site) => makeNames(host, databaseNames(site)),
  async drop(host, site) {
    const { socket, account, ...names } = databaseNames(site);
    await dropNames(host, { socket, account, ...names });
    // Also those of other releases, which an undo may have left.
    const { databases } = await host.act('db.list', { socket, prefix: account });
    const own = databases.filter((name) => new RegExp(`^${account}r[0-9]+$`).test(name));
    for (const database of own) await host.act('db.drop', { socket, database });
  },
  async dropDatabase(host, site) {
    const { socket, database } = databaseNames(site);
    await host.act('db.drop', { socket, database });
  },
  dump: async (_host, site) => ({
    ...client('mariadb-dump', site, [
      // One consistent snapshot of all tables, without blocking writers.
      ...['--single-transaction', '--quick', '--skip-lock-tables', '--hex-blob', '--no-tablespaces'],
      ...['--routines', '--triggers', '--events'],
      // Since MariaDB 10.11: what system-versioned tables keep of rows that were changed or deleted.
      '--loose-dump-history',
    ]),
    buffered: true,
  }),
  // In sandbox mode a dump can neither run programs nor read files of the machine.
  load: async (_host, site) => ({
    ...client('mariadb', site, ['--sandbox', '--batch']),
    adapt: 'sql',
    longStatements: databaseNames(site).socket,
  }),
  bytes,
  bytesOutside: bytes,
  async folder(host, site) {
    const { socket, database } = databaseNames(site);
    return (await host.act('db.size', { socket, database })).folder;
  },
  async prompt(host, site) {
    if (await host.stat(PROMPT)) return client(PROMPT, site, []);
    throw new AegirError('CLIENT_MISSING', `${PROMPT} is not installed`, 'Install it: apt install mariadb-client');
  },
  async ask(host, server) {
    await host.act('db.list', { socket: settingsOf(server).socket, prefix: testNames(server).account });
  },
  async tryOut(host, server) {
    const names = testNames(server);
    await dropNames(host, names);
    await makeNames(host, names);
    await dropNames(host, names);
  },
  clearTryOut: (host, server) => dropNames(host, testNames(server)),
};

/** A database and its account, as arguments of acts. */
interface DatabaseNames {
  socket: string;
  database: string;
  account: string;
}

const databaseNames = (site: SiteContext): DatabaseNames => ({
  socket: settingsOf(site.server).socket,
  database: site.release.database,
  account: site.handle,
});

/** A MariaDB client connected to the release's database; it reads no configuration files. */
function client(file: string, site: SiteContext, options: string[]): UserCommand {
  const { socket, database, account } = databaseNames(site);
  const login = [
    `--socket=${socket}`,
    `--user=${account}`,
    '--default-character-set=utf8mb4',
    '--max-allowed-packet=1G',
  ];
  return { user: site.handle, file, args: ['--no-defaults', ...login, ...options, database], cwd: '/' };
}

/** Names that no site ever gets: the number is above the limit of a server. */
const testNames = (server: ServerContext): DatabaseNames => {
  const account = `${server.handlePrefix}999999`;
  return { socket: settingsOf(server).socket, database: `${account}r1`, account };
};

/** Idempotent: creates only what is missing. */
async function makeNames(host: Host, { socket, database, account }: DatabaseNames): Promise<void> {
  const there = await host.act('db.list', { socket, prefix: account });
  if (!there.databases.includes(database)) await host.act('db.create', { socket, database });
  if (there.accounts.includes(account)) await host.act('db.grant', { socket, account, database });
  else await host.act('db.account.add', { socket, account, database });
}

/** The account is removed first, which ends the connections that would block the drop. */
async function dropNames(host: Host, { socket, database, account }: DatabaseNames): Promise<void> {
  await host.act('db.account.remove', { socket, account });
  await host.act('db.drop', { socket, database });
}

function processOf(server: ServerContext): ServiceProcess {
  const { binary, conf, pidFile, unit } = settingsOf(server);
  const start = [binary, ...defaults(conf), '--user=mysql'];
  return { unit, pidFile, start, reloadSignal: null, stopSignal: 'SIGTERM', foreground: true };
}

const defaults = (conf: string): string[] => (conf ? [`--defaults-file=${conf}`] : []);

/** Debian's and Ubuntu's packaged defaults (/etc/mysql/mariadb.conf.d/50-server.cnf). */
const PACKAGED = {
  binary: '/usr/sbin/mariadbd',
  conf: '',
  socket: '/run/mysqld/mysqld.sock',
  pidFile: '/run/mysqld/mysqld.pid',
  unit: 'mariadb.service',
};
