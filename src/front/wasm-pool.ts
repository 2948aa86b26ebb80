import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { frontPhpFile, ownProgram } from '../provision/host/local/own-files.ts';
import type { FrontPhp, FrontPool } from '../provision/services/front-files.ts';
import { askHttp } from './ask-http.ts';
import { type GuardedChild, startChild } from './child.ts';
import type { PhpAnswer, PhpBackend, PhpRequest } from './php-request.ts';

const START_MS = 30_000;
const OTHERS_MS = 3000;
/** Settings that PHP can change per request; others apply to the whole process. */
const changeable = new Set(['error_log', 'session.save_path', 'memory_limit', 'open_basedir', 'max_input_vars']);

interface Worker {
  child: GuardedChild;
  socketPath: string;
  busy: boolean;
  /** True if the process ends after its current request. */
  retiring: boolean;
}

/**
 * PHP in WebAssembly: a few processes for all sites, each with one request at a time; one that hangs or grows is
 * replaced.
 */
export function wasmBackend(
  php: Extract<FrontPhp, { kind: 'wasm' }>,
  root: string,
  log: (text: string) => void,
): PhpBackend {
  const workers: (Worker | undefined)[] = Array.from({ length: php.workers });
  const waiting: (() => void)[] = [];
  let restarts = -php.workers;
  let ending = false;
  // One process starts at once; starting all at the same time would slow it down, and everything else on the machine.
  void keep(0);
  const others = setTimeout(() => {
    for (let place = 1; place < php.workers; place += 1) void keep(place);
  }, OTHERS_MS);

  /** Keeps one slot filled as long as the front lives. */
  async function keep(place: number): Promise<void> {
    while (!ending) {
      restarts += 1;
      const { worker, over } = await startWorker(php, root, place, log);
      workers[place] = worker;
      if (worker) wake();
      await over;
      workers[place] = undefined;
      await sleep(worker ? 50 : 1000);
    }
  }
  const wake = (): void => waiting.shift()?.();

  async function take(signal: AbortSignal): Promise<Worker> {
    for (;;) {
      signal.throwIfAborted();
      const free = workers.find((worker) => worker && !worker.busy && !worker.retiring);
      if (free) {
        free.busy = true;
        return free;
      }
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
  async function runOn(worker: Worker, request: PhpRequest): Promise<PhpAnswer> {
    // A script that never ends blocks its process; only ending the process helps.
    const tooLate = (): void => {
      if (request.signal.reason === 'time') worker.retiring = true;
    };
    request.signal.addEventListener('abort', tooLate, { once: true });
    const answer = await askHttp({ socketPath: worker.socketPath }, withSettings(request), {}).catch((error) => {
      worker.retiring = true;
      throw error;
    });
    worker.retiring = memoryOf(answer) > php.memoryMb;
    answer.body.on('close', () => release(worker));
    return answer;
  }
  function release(worker: Worker): void {
    worker.busy = false;
    if (worker.retiring) void worker.child.end();
    wake();
  }

  return {
    async run(request) {
      const safe = request.method === 'GET' || request.method === 'HEAD';
      for (let attempt = 1; ; attempt += 1) {
        const worker = await take(request.signal);
        try {
          return await runOn(worker, request);
        } catch (error) {
          release(worker);
          // A process that died before it received the request has done nothing, so another one answers.
          if (!safe || attempt > php.workers || request.signal.aborted) throw error;
        }
      }
    },
    async reload() {},
    state: () => ({ running: workers.filter((worker) => worker).length, restarts: Math.max(0, restarts) }),
    async end() {
      ending = true;
      clearTimeout(others);
      await Promise.all(workers.map((worker) => worker?.child.end()));
    },
  };
}

const memoryOf = ({ headers }: PhpAnswer): number =>
  Number(headers.find(([name]) => name.toLowerCase() === 'x-aegir-memory')?.[1] ?? 0);

/** A site's own settings are passed with each request, since one process serves all sites. */
function withSettings(request: PhpRequest): PhpRequest {
  const { ini, env }: FrontPool = request.pool;
  const own = Object.fromEntries(Object.entries(ini).filter(([name]) => changeable.has(name)));
  return {
    ...request,
    facts: { ...request.facts, AEGIR_INI: JSON.stringify(own), AEGIR_ENV: JSON.stringify(env) },
  };
}

async function startWorker(
  php: Extract<FrontPhp, { kind: 'wasm' }>,
  root: string,
  place: number,
  log: (text: string) => void,
): Promise<{ worker: Worker | undefined; over: Promise<void> }> {
  const socketPath = join(php.sockets, `wasm-${place}.sock`);
  let ready = false;
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const args = [ownProgram('front/wasm-worker'), socketPath, php.packages, php.branch, frontPhpFile('prepend.php')];
  const child = startChild([process.execPath, ...args, root], {
    env: {},
    cwd: '/',
    onOutput(text) {
      if (text.includes('ready\n')) ready = true;
      else log(text);
    },
    onEnd: () => end(),
  });
  for (const until = Date.now() + START_MS; Date.now() < until && child.alive() && !ready; ) await sleep(20);
  if (ready) return { worker: { child, socketPath, busy: false, retiring: false }, over };
  await child.end();
  return { worker: undefined, over };
}
