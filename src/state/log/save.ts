import { accessSync, closeSync, constants, openSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileError } from '../../provision/host/local/place.ts';
import { checkParents } from '../../provision/host/policy.ts';
import { AegirError } from '../../provision/model/errors.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import { PIECE } from '../model/log-source.ts';
import { whenRead } from './not-yet.ts';
import type { OpenLog } from './session.ts';

/**
 * Writes the lines of a log, as its filter shows them, into a new file of mode 0600; `~/` is the home. Lines that are
 * added meanwhile are not in it. Answers with the file and how many lines it has. Throws `FILE_EXISTS` (nothing is
 * ever overwritten), `FOLDER_UNSAFE` where others than root could turn the file elsewhere, `FOLDER_MISSING`,
 * `NOT_ALLOWED`, `DISK_FULL`.
 */
export async function saveLines(
  paths: RootPaths,
  { lines, source }: OpenLog,
  typed: string,
): Promise<{ file: string; count: number }> {
  const file = await placeFor(paths, typed.trim());
  const descriptor = create(file);
  let count = 0;
  try {
    // Older lines that were not found yet are part of the log.
    while (!lines.whole() && (await whenRead(() => lines.work()))) await nextTurn();
    const end = lines.end();
    for (let at = lines.first(); at < end; at += PIECE) {
      const piece = await whenRead(() => lines.raw(at, Math.min(at + PIECE, end)));
      writeAll(descriptor, Buffer.from(piece.map((raw) => `${source.format.saved(raw)}\n`).join('')));
      count += piece.length;
      await nextTurn();
    }
    return { file, count };
  } catch (error) {
    rmSync(file, { force: true });
    throw fileError(error, file);
  } finally {
    closeSync(descriptor);
  }
}

/** Where a log is saved unless said: the first of the usual folders where a file can be made safely. */
export const suggestedFolder = (paths: RootPaths): string =>
  [process.cwd(), homedir()].find((folder) => mayWriteIn(paths, folder)) ?? tmpdir();

function mayWriteIn(paths: RootPaths, folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    checkParents({ paths }, join(realpathSync(folder), 'file'));
    return true;
  } catch {
    return false;
  }
}

async function placeFor(paths: RootPaths, typed: string): Promise<string> {
  if (typed === '') throw new AegirError('FILE_UNNAMED', 'the file has no name', 'Type where to save it.');
  const path = resolve(typed.startsWith('~/') ? join(homedir(), typed.slice(2)) : typed);
  const folder = realFolder(dirname(path));
  const file = join(folder, basename(path));
  try {
    checkParents({ paths }, file);
  } catch (error) {
    if (!(error instanceof AegirError) || error.code !== 'PARENT_UNSAFE') throw error;
    const what = `${folder} can be changed by others than you`;
    throw new AegirError('FOLDER_UNSAFE', what, `Choose a folder of your own, or ${join('/tmp', basename(path))}.`);
  }
  return file;
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    throw new AegirError('FOLDER_MISSING', `there is no folder ${folder}`, 'Choose one that is there.');
  }
}

function create(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new AegirError('FILE_EXISTS', `${file} is there already`, 'Choose another name.');
    throw fileError(error, file);
  }
}

function writeAll(file: number, data: Buffer): void {
  for (let done = 0; done < data.length; ) done += writeSync(file, data, done);
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
