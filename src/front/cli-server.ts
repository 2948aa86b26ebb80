import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrontPhp, FrontPool } from '../provision/services/front-files.ts';
import { askHttp } from './ask-http.ts';
import { type GuardedChild, startChild } from './child.ts';
import type { PhpBackend } from './php-request.ts';

const START_MS = 10_000;
/** The server of a site without requests ends after this time, to free its memory. */
const IDLE_MS = 10 * 60_000;

interface SiteServer {
  child: GuardedChild;
  port: number;
  token: string;
  pool: FrontPool;
  usedMs: number;
  running: number;
}

/** PHP's own web server, one per site with several processes, started on the site's first request. */
export function cliBackend(php: Extract<FrontPhp, { kind: 'cli' }>, log: (text: string) => void): PhpBackend {
  const servers = new Map<string, Promise<SiteServer>>();
  let restarts = 0;

  async function serverOf(pool: FrontPool): Promise<SiteServer> {
    const known = await servers.get(pool.handle)?.catch(() => undefined);
    if (known?.child.alive()) return known;
    if (known) restarts += 1;
    const starting = startServer(php, pool, log);
    servers.set(pool.handle, starting);
    return starting;
  }
  async function endServer(handle: string): Promise<void> {
    const server = await servers.get(handle)?.catch(() => undefined);
    servers.delete(handle);
    await server?.child.end();
  }
  const idle = setInterval(async () => {
    for (const [handle, starting] of servers) {
      const server = await starting.catch(() => undefined);
      if (!server || (server.running === 0 && Date.now() - server.usedMs > IDLE_MS)) await endServer(handle);
    }
  }, 60_000);
  idle.unref();

  return {
    async run(request) {
      const server = await serverOf(request.pool);
      server.running += 1;
      const finish = (): void => {
        server.running -= 1;
        server.usedMs = Date.now();
      };
      // A single request over its limit cannot be ended, since it is unknown which process handles it.
      const tooLate = (): void => void (request.signal.reason === 'time' && endServer(request.pool.handle));
      request.signal.addEventListener('abort', tooLate, { once: true });
      try {
        const answer = await askHttp({ port: server.port }, request, { token: server.token });
        answer.body.on('close', finish);
        return answer;
      } catch (error) {
        finish();
        throw error;
      }
    },
    async reload(pools) {
      for (const [handle, starting] of servers) {
        const server = await starting.catch(() => undefined);
        if (JSON.stringify(server?.pool) !== JSON.stringify(pools.get(handle))) await endServer(handle);
      }
    },
    state: () => ({ running: servers.size, restarts }),
    async end() {
      clearInterval(idle);
      await Promise.all([...servers.keys()].map(endServer));
    },
  };
}

async function startServer(
  php: Extract<FrontPhp, { kind: 'cli' }>,
  pool: FrontPool,
  log: (text: string) => void,
): Promise<SiteServer> {
  const port = await freePort();
  const token = randomBytes(24).toString('hex');
  const ini = Object.entries(pool.ini).flatMap(([name, value]) => ['-d', `${name}=${value}`]);
  const child = startChild([php.binary, ...ini, '-S', `127.0.0.1:${port}`, php.router], {
    env: { ...pool.env, AEGIR_TOKEN: token, PHP_CLI_SERVER_WORKERS: String(pool.children) },
    cwd: '/',
    onOutput: (text) => {
      // PHP logs each connection; only errors are passed on.
      if (/error|fail|warning/i.test(text)) log(text);
    },
  });
  for (const end = Date.now() + START_MS; Date.now() < end && child.alive(); await sleep(20)) {
    if (await accepts(port)) return { child, port, token, pool, usedMs: Date.now(), running: 0 };
  }
  await child.end();
  throw new Error(`PHP's web server for ${pool.handle} did not start`);
}

/** A port on which nobody is listening. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
