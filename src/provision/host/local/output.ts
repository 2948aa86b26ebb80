import { StringDecoder } from 'node:string_decoder';
import { cleanText } from '../../model/clean-text.ts';

/** How much of the end of a stream is kept, in UTF-16 units. */
const KEPT = 1024 * 1024;
/** A line without an end is passed on at this length. */
const MAX_PENDING = 64 * 1024;

/**
 * Reads a command's output: passes each line to `onLine`, cleaned of terminal controls, and keeps the unchanged end of
 * it. A carriage return ends a line too, so that a progress bar does not become one endless line. Holds at most about
 * two MiB. `ended` resolves when the last line has been passed on.
 */
export function collectOutput(
  stream: NodeJS.ReadableStream | null,
  onLine: (line: string) => void,
): { text(): string; ended: Promise<void> } {
  const decoder = new StringDecoder('utf8');
  let kept: string[] = [];
  let keptLength = 0;
  let pending = '';

  const keep = (text: string): void => {
    kept.push(text);
    keptLength += text.length;
    // Joined rarely: joining at each read would copy a MiB for every 64 KiB.
    if (keptLength > 2 * KEPT) {
      kept = [kept.join('').slice(-KEPT)];
      keptLength = KEPT;
    }
  };
  const take = (text: string): void => {
    keep(text);
    // A carriage return at the end may be the first half of a line break.
    const lines = (pending + text).split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? '';
    for (const line of lines) onLine(cleanText(line));
    if (pending.length > MAX_PENDING) {
      onLine(cleanText(pending));
      pending = '';
    }
  };
  const finish = (): void => {
    take(decoder.end());
    if (pending !== '') onLine(cleanText(pending.replace(/\r$/, '')));
    pending = '';
  };

  stream?.on('data', (chunk: Buffer) => take(decoder.write(chunk)));
  // Not 'end': a stream that is cut off only emits 'close'.
  const ended = new Promise<void>((resolve) => {
    if (!stream) return resolve();
    stream.once('close', () => {
      finish();
      resolve();
    });
  });
  stream?.on('error', () => {});
  return {
    ended,
    text() {
      const joined = kept.join('');
      return joined.slice(-KEPT);
    },
  };
}
