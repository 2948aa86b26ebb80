import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { cleanText } from '../../model/clean-text.ts';
import { AegirError } from '../../model/errors.ts';
import type { ActOptions } from '../host.ts';
import { startNoted } from '../local/children.ts';
import { fileError } from '../local/place.ts';
import { leaderOf, signalGroup } from '../local/processes.ts';
import { SYSTEM_PATH } from '../local/system-path.ts';
import { dumpFilter } from './dump-filter.ts';
import type { StreamWords } from './stream-command.ts';
import { listenTo } from './stream-words.ts';

/**
 * At level 1 zstd outruns a disk and what says the data, and packs dumps and uploads as small as at its usual 3 (`npm run
 * bench -- backup`). Each piece of output costs a turn of the thread pool, so pieces are large.
 */
const PIECE = 1 << 17;
const pack = () => createZstdCompress({ chunkSize: PIECE, params: { [constants.ZSTD_c_compressionLevel]: 1 } });
const unpack = () => createZstdDecompress({ chunkSize: PIECE });
const read = (file: string) => createReadStream(file, { highWaterMark: PIECE / 2 });

/** What went through: bytes before compression, and for a file its size and SHA-256 sum. */
export interface Streamed {
  bytes: number;
  fileBytes: number;
  sha256: string;
}

/**
 * Writes what a command says into a file, compressed by zstd as it comes. Nothing is held in memory or on the disk
 * beside it. Throws `STREAM_FAILED`, `DISK_FULL`.
 */
export async function saveStream(from: StreamWords, file: string, live: ActOptions): Promise<Streamed> {
  const source = startCommand(from, live, 'out');
  const [plain, packed] = [counter(live), meter()];
  try {
    const write = createWriteStream(file, { mode: 0o600, flush: true });
    await pipeline(source.child.stdout, plain.stream, pack(), packed.stream, write, {
      signal: live.signal,
    });
    await source.ended();
  } catch (error) {
    source.stop();
    throw await failure(error, source, file, live);
  }
  return { bytes: plain.bytes(), fileBytes: packed.bytes(), sha256: packed.sum() };
}

/** Gives a compressed file to a command as its standard input. Throws `STREAM_FAILED`, `BACKUP_DAMAGED`. */
export async function loadStream(file: string, sha256: string, into: StreamWords, live: ActOptions): Promise<Streamed> {
  const [plain, packed] = [counter(live), meter()];
  await give(file, [packed.stream, unpack(), plain.stream], into, live);
  if (packed.sum() !== sha256) throw damaged(file, 'it is not what was written');
  return { bytes: plain.bytes(), fileBytes: packed.bytes(), sha256 };
}

/**
 * Reads a compressed file to its end and compares its sum: it can be unpacked, and is what was written. `look` sees all
 * of it, unpacked. Throws `BACKUP_DAMAGED`, and what `look` throws.
 */
export async function checkStream(file: string, sha256: string, live: ActOptions, look?: Writable): Promise<Streamed> {
  const [plain, packed] = [counter(live), meter()];
  const nowhere = look ?? new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(read(file), packed.stream, unpack(), plain.stream, nowhere, {
      signal: live.signal,
    });
  } catch (error) {
    live.signal?.throwIfAborted();
    if (error instanceof AegirError) throw error;
    throw damaged(file, error instanceof Error ? error.message : String(error));
  }
  if (packed.sum() === sha256) return { bytes: plain.bytes(), fileBytes: packed.bytes(), sha256 };
  throw damaged(file, 'it is not what was written');
}

/** Gives what one command says to another, each as its own user. Throws `STREAM_FAILED`. */
export async function copyStream(from: StreamWords, into: StreamWords, live: ActOptions): Promise<Streamed> {
  const [source, sink] = [startCommand(from, live, 'out'), startCommand(into, live, 'in')];
  const plain = counter(live);
  try {
    await pipeline([source.child.stdout, plain.stream, ...adapting(into), inputOf(sink)], { signal: live.signal });
    await Promise.all([source.ended(), sink.ended()]);
  } catch (error) {
    source.stop();
    sink.stop();
    throw await failure(error, source, '', live);
  }
  return { bytes: plain.bytes(), fileBytes: 0, sha256: '' };
}

/** Gives a file to a command as its standard input, through `filters`. Throws `STREAM_FAILED`. */
export const giveFile = (file: string, filters: Transform[], into: StreamWords, live: ActOptions): Promise<void> =>
  give(file, [counter(live).stream, ...filters], into, live);

async function give(file: string, through: Transform[], into: StreamWords, live: ActOptions): Promise<void> {
  const sink = startCommand(into, live, 'in');
  try {
    await pipeline([read(file), ...through, ...adapting(into), inputOf(sink)], { signal: live.signal });
    await sink.ended();
  } catch (error) {
    sink.stop();
    throw await failure(error, sink, file, live);
  }
}

const adapting = ({ adapt }: StreamWords): Transform[] => (adapt === 'sql' ? [dumpFilter()] : []);

const damaged = (file: string, why: string): AegirError =>
  new AegirError('BACKUP_DAMAGED', `${file} cannot be read back: ${why}`, 'Use another backup.');

/** Of a line that is told. */
const LONGEST = 500;

interface Running {
  child: ReturnType<typeof spawnPiped>;
  /** Resolves when it has ended well. Rejects with its words. */
  ended(): Promise<void>;
  stop(): void;
}

function startCommand({ name, file, args, env }: StreamWords, live: ActOptions, use: 'in' | 'out'): Running {
  const child = startNoted({ PATH: SYSTEM_PATH, LANG: 'C.UTF-8', ...env }, (all) => spawnPiped(file, args, all));
  const leader = leaderOf(child.pid);
  const words = listenTo(name, use);
  const hear = (said: string): void => {
    if (said.trim() === '') return;
    // A client of a database repeats the statement that failed, whatever its length.
    const line = said.length > LONGEST ? `${said.slice(0, LONGEST)}…` : said;
    words.hear(line);
    live.onLine?.('stderr', cleanText(line));
  };
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(line);
  });
  if (use === 'in') child.stdout.resume();
  else child.stdin.end();
  // A command that ends without reading closes the pipe; its exit code says why.
  child.stdin.on('error', () => {});
  const over = new Promise<AegirError | undefined>((resolve) => {
    child.on('error', ({ message }) => resolve(new AegirError('STREAM_FAILED', `${name} failed: ${message}`)));
    child.on('close', (code, signal) => {
      hear(rest);
      resolve(words.failure(code, signal));
    });
  });
  return {
    child,
    async ended() {
      const failed = await over;
      if (failed) throw failed;
    },
    stop: () => void signalGroup(leader, 'SIGKILL'),
  };
}

/** Takes all that comes: a command may end well before its input does, as tar does at the end of its archive. */
function inputOf({ child: { stdin }, ended }: Running): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      stdin.write(chunk, (error) => (error ? void ended().then(() => done(), done) : done()));
    },
    final(done) {
      stdin.end();
      done();
    },
  });
}

/** In a process group of its own, so that all of it can be ended. */
const spawnPiped = (file: string, args: string[], env: Record<string, string>) =>
  spawn(file, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    cwd: '/',
  });

/** Counts what passes. */
function counter(live?: ActOptions, look: (chunk: Buffer) => void = () => {}): { stream: Transform; bytes(): number } {
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      look(chunk);
      live?.onProgress?.(bytes, 0, 'bytes');
      done(null, chunk);
    },
  });
  return { stream, bytes: () => bytes };
}

/** Counts and sums what passes. */
function meter(): { stream: Transform; bytes(): number; sum(): string } {
  const hash = createHash('sha256');
  return { ...counter(undefined, (chunk) => hash.update(chunk)), sum: () => hash.digest('hex') };
}

/** What the command itself said tells more than the pipe that it left. */
async function failure(error: unknown, running: Running, file: string, live: ActOptions): Promise<unknown> {
  live.signal?.throwIfAborted();
  if (error instanceof AegirError) return error;
  const named = fileError(error, file);
  if (named instanceof AegirError) return named;
  // The file is at fault, not who was stopped in the middle of it.
  if (error instanceof Error && 'code' in error && /^Z(STD)?_/.test(String(error.code)))
    return damaged(file, error.message);
  return running.ended().then(
    () => error,
    (said: unknown) => said,
  );
}
