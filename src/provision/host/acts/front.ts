import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cleanText } from '../../model/clean-text.ts';
import { AegirError } from '../../model/errors.ts';
import { frontFolder, frontSocket, type RootPaths } from '../../model/paths.ts';
import { askFront } from '../local/front-process.ts';
import { ownProgram } from '../local/own-files.ts';
import { sendSignal } from '../local/processes.ts';
import { waitUntil } from '../local/wait.ts';
import { defineAct } from './act.ts';

const START_MS = 30_000;
const STOP_MS = 15_000;

export const frontControl = defineAct('front.control', {
  args: z.strictObject({ action: z.enum(['start', 'reload', 'stop', 'restart']), part: z.enum(['http', 'php']) }),
  describe: ({ action }) => `${action} the program's own web server`,
  async run({ action, part }, { paths }) {
    const socket = frontSocket(paths);
    const running = await askFront(socket, 'GET', '/state');
    if (running && (action === 'stop' || action === 'restart')) await stop(socket, Number(running.document.pid));
    if (action === 'restart' || (action === 'start' && !running)) await start(paths, socket);
    if (action !== 'reload') return;
    const answer = await askFront(socket, 'POST', `/reload/${part}`);
    if (!answer) throw new AegirError('SERVICE_DOWN', 'the web server of this root is not running', 'Run: aegir try');
    if (answer.status === 200) return;
    const { code, message, hint } = answer.document;
    throw new AegirError(String(code), String(message), String(hint));
  },
});

/** Started in a session and environment of its own: it outlives this process and is not a child of any task. */
async function start(paths: RootPaths, socket: string): Promise<void> {
  mkdirSync(paths.run, { recursive: true, mode: 0o700 });
  const log = join(paths.run, 'front.start.log');
  const descriptor = openSync(log, 'w', 0o600);
  const env = { PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', HOME: process.env.HOME ?? '/' };
  const program = [ownProgram('front/front'), frontFolder(paths), socket];
  const child = spawn(process.execPath, program, {
    detached: true,
    stdio: ['ignore', descriptor, descriptor],
    env,
    cwd: '/',
  });
  closeSync(descriptor);
  child.unref();
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  child.on('error', () => {
    ended = true;
  });
  await waitUntil(async () => ended || (await askFront(socket, 'GET', '/state')) !== undefined, START_MS);
  if (await askFront(socket, 'GET', '/state')) return;
  const output = cleanText(readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' / '));
  const taken = output.includes('EADDRINUSE');
  throw new AegirError(
    taken ? 'PORT_TAKEN' : 'SERVICE_START_FAILED',
    `the web server of this root did not start: ${output || 'it printed nothing'}`,
    taken ? 'Another program uses the port: find it with ss -ltnp, or choose another port with --port.' : `See ${log}.`,
  );
}

async function stop(socket: string, pid: number): Promise<void> {
  await askFront(socket, 'POST', '/stop');
  const gone = async (): Promise<boolean> => (await askFront(socket, 'GET', '/state')) === undefined;
  if (await waitUntil(gone, STOP_MS)) return;
  sendSignal(pid, 'SIGKILL');
}
