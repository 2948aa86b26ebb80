import { rmSync } from 'node:fs';
import { createServer, request as httpRequest, type Server, type ServerResponse } from 'node:http';
import { describeError } from '../provision/model/errors.ts';
import type { FrontState } from '../provision/services/front-files.ts';
import { cliBackend } from './cli-server.ts';
import { type FrontConfig, readConfig } from './config.ts';
import { fpmBackend } from './fpm.ts';
import { addToLog, logError } from './logs.ts';
import type { PhpBackend } from './php-request.ts';
import { busyNow, sendText, serve } from './serve.ts';
import { wasmBackend } from './wasm-pool.ts';

/**
 * The web server of a root folder without nginx, and the manager of its PHP. Arguments: configuration folder, control
 * socket. On the socket it answers GET /state, POST /reload/http, POST /reload/php and POST /stop. It holds the socket
 * as long as it lives; a second one for the same root folder ends at once.
 */
const [folder = '', controlSocket = ''] = process.argv.slice(2);

try {
  if (!(await answers(controlSocket))) await run();
} catch (error) {
  const { message, hint } = describeError(error);
  process.stderr.write(`${message}. ${hint}\n`);
  process.exit(1);
}

async function run(): Promise<void> {
  let config = readConfig(folder);
  let phpFile = JSON.stringify(config.php);
  let generation = 1;
  const startedMs = Date.now();
  const log = (text: string): void => addToLog(config.server.log, text);
  let backend = makeBackend(() => config, log);

  const site = createServer(
    { requestTimeout: 600_000, headersTimeout: 30_000 },
    (message, answer) => void serve(config, backend, message, answer),
  );
  const state = (): FrontState => ({
    pid: process.pid,
    root: config.server.root,
    port: config.server.port,
    generation: `${process.pid}.${generation}`,
    startedMs,
    php: { kind: config.php.kind, ...backend.state() },
    busy: busyNow(),
  });
  /** For the web server's part reading the files is enough; PHP's part may have to end processes. */
  async function reload(part: string): Promise<void> {
    const next = readConfig(folder);
    config = next;
    if (JSON.stringify(next.php) === phpFile) {
      if (part === 'php') await backend.reload(next.pools);
    } else {
      phpFile = JSON.stringify(next.php);
      const before = backend;
      backend = makeBackend(() => config, log);
      await before.end();
    }
    generation += 1;
  }
  async function stop(): Promise<void> {
    site.close();
    site.closeAllConnections();
    await backend.end();
    rmSync(controlSocket, { force: true });
    process.exit(0);
  }
  const control = createServer(async (message, answer) => {
    try {
      const [, action, part = ''] = (message.url ?? '').split('/');
      if (action === 'reload' && message.method === 'POST') await reload(part);
      sendJson(answer, 200, state());
      if (action === 'stop' && message.method === 'POST') await stop();
    } catch (error) {
      sendJson(answer, 500, describeError(error));
    }
  });
  await listen(site, { host: config.server.address, port: config.server.port });
  rmSync(controlSocket, { force: true });
  await listen(control, { path: controlSocket });
  process.on('SIGTERM', () => void stop());
  process.on('SIGHUP', () => {});
}

/** `config` returns the current sites. */
function makeBackend(config: () => FrontConfig, log: (text: string) => void): PhpBackend {
  const { php, server } = config();
  if (php.kind === 'cli') return cliBackend(php, log);
  if (php.kind === 'wasm') return wasmBackend(php, server.root, log);
  return fpmBackend(php, log, (handle, text) => {
    const site = config().sites.find((one) => one.handle === handle);
    if (site) logError(site, text);
  });
}

function listen(server: Server, place: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(place, resolve);
  });
}

function sendJson(answer: ServerResponse, status: number, document: unknown): void {
  sendText(answer, status, JSON.stringify(document));
}

/** True if a front is already running behind the control socket. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = httpRequest({ socketPath, path: '/state', timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(true);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.end();
  });
}
