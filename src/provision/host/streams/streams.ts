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
import type { ResolvedCommand } from './stream-command.ts';
import { errorReader } from './stream-errors.ts';

/**
 * At level 1 zstd is faster than the disk and the source of the data, and compresses dumps and uploads as well as at
 * its default 3 (`npm run bench -- backup`). Each block of output costs a turn of the thread pool, so blocks are large.
 */
const PIECE = 1 << 17;
const pack = () => createZstdCompress({ chunkSize: PIECE, params: { [constants.ZSTD_c_compressionLevel]: 1 } });
const unpack = () => createZstdDecompress({ chunkSize: PIECE });
const read = (file: string) => createReadStream(file, { highWaterMark: PIECE / 2 });

/** What was transferred: bytes before compression, and for a file its size and SHA-256 checksum. */
export interface Streamed {
  bytes: number;
  fileBytes: number;
  sha256: string;
}

/**
 * Writes a command's output into a file, compressed with zstd on the fly; nothing else is kept in memory or on disk.
 * Throws `STREAM_FAILED`, `DISK_FULL`.
 */
export async function saveStream(from: ResolvedCommand, file: string, live: ActOptions): Promise<Streamed> {
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

/** Pipes a compressed file into a command. Throws `STREAM_FAILED`, `BACKUP_DAMAGED`. */
export async function loadStream(
  file: string,
  sha256: string,
  into: ResolvedCommand,
  live: ActOptions,
): Promise<Streamed> {
  const [plain, packed] = [counter(live), meter()];
  await give(file, [packed.stream, unpack(), plain.stream], into, live);
  if (packed.sum() !== sha256) throw damaged(file, 'its checksum is wrong');
  return { bytes: plain.bytes(), fileBytes: packed.bytes(), sha256 };
}

/**
 * Reads a compressed file to its end and compares its checksum, which proves that it can be decompressed and is
 * unchanged. `look` receives all of it, decompressed. Throws `BACKUP_DAMAGED`, and what `look` throws.
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
  throw damaged(file, 'its checksum is wrong');
}

/** Pipes one command into another, each as its own user. Throws `STREAM_FAILED`. */
export async function copyStream(from: ResolvedCommand, into: ResolvedCommand, live: ActOptions): Promise<Streamed> {
  const [source, sink] = [startCommand(from, live, 'out'), startCommand(into, live, 'in')];
  const plain = counter(live);
  try {
    await pipeline([source.child.stdout, plain.stream, ...adapting(into, live), inputOf(sink)], {
      signal: live.signal,
    });
    await Promise.all([source.ended(), sink.ended()]);
  } catch (error) {
    source.stop();
    sink.stop();
    throw await failure(error, source, '', live);
  }
  return { bytes: plain.bytes(), fileBytes: 0, sha256: '' };
}

/** Pipes a file into a command, through `filters`. Throws `STREAM_FAILED`. */
export const giveFile = (file: string, filters: Transform[], into: ResolvedCommand, live: ActOptions): Promise<void> =>
  give(file, [counter(live).stream, ...filters], into, live);

async function give(file: string, through: Transform[], into: ResolvedCommand, live: ActOptions): Promise<void> {
  const sink = startCommand(into, live, 'in');
  try {
    await pipeline([read(file), ...through, ...adapting(into, live), inputOf(sink)], { signal: live.signal });
    await sink.ended();
  } catch (error) {
    sink.stop();
    throw await failure(error, sink, file, live);
  }
}

const adapting = ({ adapt, collations }: ResolvedCommand, live: ActOptions): Transform[] =>
  adapt === 'sql' ? [dumpFilter({ collations, note: (text) => live.onLine?.('stderr', text) })] : [];

const damaged = (file: string, why: string): AegirError =>
  new AegirError('BACKUP_DAMAGED', `${file} cannot be read: ${why}`, 'Use another backup.');

/** Longest line that is passed on. */
const LONGEST = 500;

interface Running {
  child: ReturnType<typeof spawnPiped>;
  /** Resolves when it has succeeded; rejects with an error made from its stderr. */
  ended(): Promise<void>;
  stop(): void;
}

function startCommand({ name, file, args, env }: ResolvedCommand, live: ActOptions, use: 'in' | 'out'): Running {
  const child = startNoted({ PATH: SYSTEM_PATH, LANG: 'C.UTF-8', ...env }, (all) => spawnPiped(file, args, all));
  const leader = leaderOf(child.pid);
  const errors = errorReader(name, use);
  const onLine = (text: string): void => {
    if (text.trim() === '') return;
    // A database client repeats the statement that failed, however long it is.
    const line = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    errors.add(line);
    live.onLine?.('stderr', cleanText(line));
  };
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  if (use === 'in') child.stdout.resume();
  else child.stdin.end();
  // A command may exit without reading, which closes the pipe; its exit code tells why.
  child.stdin.on('error', () => {});
  const over = new Promise<AegirError | undefined>((resolve) => {
    child.on('error', ({ message }) => resolve(new AegirError('STREAM_FAILED', `${name} failed: ${message}`)));
    child.on('close', (code, signal) => {
      onLine(rest);
      resolve(errors.failure(code, signal));
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

/** Accepts all input: a command may succeed before its input ends, as tar does at the end of its archive. */
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

/** In its own process group, so that all of it can be killed. */
const spawnPiped = (file: string, args: string[], env: Record<string, string>) =>
  spawn(file, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    cwd: '/',
  });

/** Counts the bytes that pass. */
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

/** Counts the bytes that pass and computes their checksum. */
function meter(): { stream: Transform; bytes(): number; sum(): string } {
  const hash = createHash('sha256');
  return { ...counter(undefined, (chunk) => hash.update(chunk)), sum: () => hash.digest('hex') };
}

/** The command's own error says more than the broken pipe that it caused. */
async function failure(error: unknown, running: Running, file: string, live: ActOptions): Promise<unknown> {
  live.signal?.throwIfAborted();
  if (error instanceof AegirError) return error;
  const named = fileError(error, file);
  if (named instanceof AegirError) return named;
  // Blames the file only if it could not be decompressed, not if the work was cancelled halfway.
  if (error instanceof Error && 'code' in error && /^Z(STD)?_/.test(String(error.code)))
    return damaged(file, error.message);
  return running.ended().then(
    () => error,
    (reason: unknown) => reason,
  );
}
