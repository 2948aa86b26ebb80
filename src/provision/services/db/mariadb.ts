import { z } from 'zod';
import { type ServerContext, serviceOf } from '../../context.ts';
import { AegirError } from '../../errors.ts';
import { lastWords } from '../../host/exec.ts';
import type { DatabaseDriver } from '../service.ts';
import { pidState } from '../state.ts';

const settings = z.object({
  binary: z.string(),
  /** Empty: the files that MariaDB reads by itself. */
  conf: z.string(),
  socket: z.string(),
  pidFile: z.string(),
  unit: z.string(),
});

const settingsOf = (server: ServerContext) => settings.parse(serviceOf(server, 'db').settings);

/** MariaDB on this machine, where each site's account logs in by `unix_socket`. */
export const mariadb: DatabaseDriver = {
  name: 'mariadb',
  async detect(host) {
    const binary = '/usr/sbin/mariadbd';
    const asked = await host.ask({ file: binary, args: ['--version'], timeoutMs: 10_000 });
    if (asked.code !== 0) return undefined;
    const version = /Ver (\d+\.\d+\.\d+)/.exec(asked.stdout)?.[1] ?? '';
    // Debian's and Ubuntu's packaged defaults (/etc/mysql/mariadb.conf.d/50-server.cnf).
    const found = {
      binary,
      conf: '',
      socket: '/run/mysqld/mysqld.sock',
      pidFile: '/run/mysqld/mysqld.pid',
      unit: 'mariadb.service',
    };
    return { kind: 'db', driver: 'mariadb', version, settings: found };
  },
  state: async (host, server) => pidState(host, settingsOf(server).binary, mariadb.process(server)),
  async test(host, server) {
    const { binary, conf } = settingsOf(server);
    const asked = await host.ask({
      file: binary,
      args: [...defaults(conf), '--user=mysql', '--help', '--verbose'],
      timeoutMs: 30_000,
    });
    if (asked.code === 0) return [];
    throw new AegirError('CONFIG_REFUSED', `MariaDB refuses its configuration: ${lastWords(asked)}`, 'See /etc/mysql.');
  },
  process(server) {
    const { binary, conf, pidFile, unit } = settingsOf(server);
    return {
      unit,
      pidFile,
      start: [binary, ...defaults(conf), '--user=mysql'],
      reloadSignal: null,
      stopSignal: 'SIGTERM',
      foreground: true,
    };
  },
  socket: (server) => settingsOf(server).socket,
  access(site) {
    const { socket } = settingsOf(site.server);
    return { driver: 'mariadb', socket, database: site.release.database, account: site.handle };
  },
};

const defaults = (conf: string): string[] => (conf ? [`--defaults-file=${conf}`] : []);
