import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendSignal } from '../provision/host/local/processes.ts';
import { waitUntil } from '../provision/host/local/wait.ts';
import type { FrontPhp } from '../provision/services/front-files.ts';
import { type GuardedChild, startChild } from './child.ts';
import { askFastCgi } from './fastcgi.ts';
import type { PhpBackend } from './php-request.ts';

const START_MS = 15_000;

/** PHP-FPM as an ordinary user: one master that the front starts, watches and restarts. */
export function fpmBackend(
  php: Extract<FrontPhp, { kind: 'fpm' }>,
  log: (text: string) => void,
  errors: (handle: string, text: string) => void,
): PhpBackend {
  let master: GuardedChild | undefined;
  let restarts = -1;
  let ending = false;
  const readyMs = (): number => {
    try {
      return statSync(php.pidFile).mtimeMs;
    } catch {
      return 0;
    }
  };

  async function start(): Promise<void> {
    if (ending || master?.alive()) return;
    restarts += 1;
    const began = Date.now() - 1000;
    master = startChild([php.binary, '--nodaemonize', ...(php.asRoot ? ['-R'] : []), '--fpm-config', php.conf], {
      env: {},
      cwd: '/',
      onOutput: log,
      async onEnd() {
        if (ending) return;
        log('PHP-FPM has ended and is restarted\n');
        await sleep(500);
        void start();
      },
    });
    await waitUntil(() => readyMs() >= began || !master?.alive(), START_MS);
  }
  const ready = start();

  return {
    async run(request) {
      await ready;
      return askFastCgi(request.pool.socket, request, (text) => errors(request.pool.handle, text));
    },
    async reload() {
      await ready;
      const earlier = readyMs();
      const pid = Number(readFileSync(php.pidFile, 'utf8'));
      sendSignal(pid, 'SIGUSR2');
      await waitUntil(() => readyMs() !== earlier, START_MS);
    },
    state: () => ({ running: master?.alive() ? 1 : 0, restarts: Math.max(0, restarts) }),
    async end() {
      ending = true;
      await master?.end();
    },
  };
}
