import { join } from 'node:path';

/** Where a root keeps its data, configuration, logs and run-time files. All absolute. */
export interface RootPaths {
  root: string;
  inventory: string;
  workerLock: string;
  bell: string;
  platforms: string;
  sites: string;
  byName: string;
  backups: string;
  /** Generated configuration of the services, a folder each. */
  config: string;
  taskLogs: string;
  /** What went wrong in the worker beside its tasks. */
  workerLog: string;
  /** What setup has done, with all that the package manager said. */
  setupLog: string;
  cache: string;
  /** Copies of the engines' PHP programs that every site's user can read. */
  programs: string;
  /** What people write: `config.json`, `sites/<handle>/local.*`, hooks, engines. */
  etc: string;
  /** Logs that the services' daemons open as root, a folder a site. */
  serviceLogs: string;
  /** Sockets and pid files. */
  run: string;
}

/** The root of a real server; there the configuration, logs and sockets lie where Debian keeps them. */
export const SERVER_ROOT = '/var/aegir';

/** Every path of a root. Any root but the server's holds all of its files itself. */
export function rootPaths(root: string): RootPaths {
  const server = root === SERVER_ROOT;
  return {
    root,
    inventory: join(root, 'inventory.sqlite'),
    workerLock: join(root, 'worker.lock'),
    bell: join(root, 'queue.bell'),
    platforms: join(root, 'platforms'),
    sites: join(root, 'sites'),
    byName: join(root, 'by-name'),
    backups: join(root, 'backups'),
    config: join(root, 'config'),
    taskLogs: join(root, 'logs/tasks'),
    workerLog: join(root, 'logs/worker.log'),
    setupLog: join(root, 'logs/setup.log'),
    cache: join(root, 'cache'),
    programs: join(root, 'programs'),
    etc: server ? '/etc/aegir' : join(root, 'etc'),
    serviceLogs: server ? '/var/log/aegir' : join(root, 'log'),
    run: server ? '/run/aegir' : join(root, 'run'),
  };
}

/** Where the program's own web server reads its configuration. */
export const frontFolder = ({ config }: RootPaths): string => join(config, 'front');

/** The socket by which it is asked and told. */
export const frontSocket = ({ run }: RootPaths): string => join(run, 'front.sock');

/** Where the services write the logs of a site. */
export const siteLogFolder = (paths: RootPaths, handle: string): string => join(paths.serviceLogs, handle);
