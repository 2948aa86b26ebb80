import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { testCache } from './cache.ts';

/** A MariaDB of the tests' own. */
export interface PrivateMariadb {
  socket: string;
  pid: number;
  pidFile: string;
  conf: string;
  /** Ends it by its process id and removes its data. */
  stop(): Promise<void>;
}

const run = promisify(execFile);
const READY_MS = 30_000;
/** The id of the process that started it follows, so that a later run finds what a killed one has left. */
const PREFIX = 'aegtest-mariadb-';
/** Beside the data, where a later run looks; the server's own pid file goes with the folder of its socket. */
const OWN_PID = 'aegtest.pid';
const CONF = '--defaults-file=';

/**
 * Starts a MariaDB that listens on a socket in `folder` and nowhere else, as the user mysql. Its root logs in by
 * unix_socket, as Debian's does. Data lie on /dev/shm where that has room. Needs root and mariadb-server.
 */
export async function startMariadb(folder: string): Promise<PrivateMariadb> {
  const mysql = await idsOfMysql();
  mkdirSync(folder, { recursive: true });
  await sweepMariadb();
  const data = mkdtempSync(join(roomyFolder(), `${PREFIX}${process.pid}-`));
  const own = join(folder, 'mariadb');
  mkdirSync(own, { recursive: true, mode: 0o755 });
  for (const path of [data, own]) chownSync(path, mysql.uid, mysql.gid);
  const socket = join(own, 'mariadb.sock');
  const pidFile = join(own, 'mariadb.pid');
  const conf = join(own, 'my.cnf');
  writeFileSync(conf, configuration({ data, own, socket, pidFile }), { mode: 0o644 });
  await run('cp', ['-a', `${await firstData(mysql)}/.`, data]);
  const words = join(own, 'words.log');
  const output = openSync(words, 'a');
  const child = spawn('mariadbd', [`--defaults-file=${conf}`], { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.unref();
  const { pid } = child;
  writeFileSync(join(data, OWN_PID), String(pid));
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await Promise.race([ended, pause(10_000)]);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
    // What is tried may have started it again, as a process of nobody.
    await endServers((used) => used === conf);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    await ready(socket, () => child.exitCode !== null);
  } catch (error) {
    await stop();
    throw new Error(`mariadbd did not start: ${readFileSync(words, 'utf8').slice(-2000)}`, { cause: error });
  }
  return { socket, pid: pid ?? 0, pidFile, conf, stop };
}

/**
 * The data of a server that nobody has used yet: made once for each version and set of the lines that it is made by, then
 * copied, for making it takes seconds.
 */
async function firstData(mysql: { uid: number; gid: number }): Promise<string> {
  const { stdout } = await run('mariadbd', ['--version']);
  const key = createHash('sha256').update(`${stdout}${dataLines}`).digest('hex').slice(0, 12);
  const made = join(testCache('mariadb'), key);
  if (existsSync(made)) return made;
  // Below the cache, others than root may not come to it.
  const making = mkdtempSync(join(roomyFolder(), `${PREFIX}${process.pid}-`));
  chownSync(making, mysql.uid, mysql.gid);
  const conf = join(making, 'my.cnf');
  writeFileSync(conf, `[mariadbd]\nuser = mysql\ndatadir = ${making}/data\ntmpdir = ${making}\n${dataLines}`);
  await run('mariadb-install-db', [
    `--defaults-file=${conf}`,
    '--user=mysql',
    '--auth-root-authentication-method=socket',
    '--skip-test-db',
  ]);
  const beside = `${made}.${process.pid}`;
  await run('cp', ['-a', join(making, 'data'), beside]);
  rmSync(making, { recursive: true, force: true });
  try {
    renameSync(beside, made);
  } catch {
    // Another test file was first.
    rmSync(beside, { recursive: true, force: true });
  }
  return made;
}

/** Ends the MariaDBs that were started with a configuration of the tests, told by its path, by their process ids. */
async function endServers(which: (conf: string) => boolean): Promise<void> {
  const running = (): number[] =>
    readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 1)
      .filter((pid) => {
        const [file = '', words = ''] = commandOf(pid).split('\0');
        if (!isInOurSandbox(pid)) return false;
        return file.endsWith('mariadbd') && words.startsWith(CONF) && which(words.slice(CONF.length));
      });
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const pid of running()) process.kill(pid, signal);
    for (let tries = 0; tries < 200 && running().length > 0; tries += 1) await pause(50);
  }
}

/** Ends each MariaDB whose test process is gone, and removes its data. */
export async function sweepMariadb(): Promise<void> {
  await endServers((conf) => /^\/tmp\/aegtest-/.test(conf) && !existsSync(conf));
  for (const folder of new Set(['/dev/shm', tmpdir()])) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).filter((candidate) => candidate.startsWith(PREFIX))) {
      const owner = Number(name.slice(PREFIX.length).split('-')[0]);
      if (!Number.isInteger(owner) || existsSync(`/proc/${owner}`)) continue;
      const pidFile = join(folder, name, OWN_PID);
      const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
      if (pid > 1 && /mariadbd/.test(commandOf(pid))) process.kill(pid, 'SIGKILL');
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

/** Whether a process sees the files that we see: what it was started with means nothing to us elsewhere. */
function isInOurSandbox(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt');
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** What its files are made by. */
const dataLines = `character-set-server = utf8mb4
collation-server = utf8mb4_general_ci
innodb_log_file_size = 16M
`;

/** Small and quick to start; durable enough for tests that kill the client, not the server. */
const configuration = (paths: { data: string; own: string; socket: string; pidFile: string }): string => `[mariadbd]
user = mysql
datadir = ${paths.data}
# Two servers that share a folder for this take each other's files.
tmpdir = ${paths.own}
socket = ${paths.socket}
pid-file = ${paths.pidFile}
skip-networking
skip-name-resolve
skip-log-bin
${dataLines}innodb_buffer_pool_size = 64M
innodb_flush_log_at_trx_commit = 0
performance_schema = OFF
key_buffer_size = 8M
`;

/** /dev/shm with at least 512 MB free, else the ordinary place for temporary files. */
function roomyFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 512 * 1024 * 1024 ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}

async function idsOfMysql(): Promise<{ uid: number; gid: number }> {
  const { stdout } = await run('getent', ['passwd', 'mysql']);
  const [, , uid, gid] = stdout.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function ready(socketPath: string, dead: () => boolean): Promise<void> {
  const end = Date.now() + READY_MS;
  for (;;) {
    try {
      const connection = await createConnection({ socketPath, user: 'root' });
      return await connection.end();
    } catch (error) {
      if (dead() || Date.now() > end) throw error;
    }
    await pause(50);
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
