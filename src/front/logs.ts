import { appendFile, mkdirSync, renameSync, statSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { cleanText } from '../provision/model/clean-text.ts';
import type { FrontSite } from '../provision/services/front-files.ts';

/** At this size a log is rotated; one old log is kept. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Appends text to a log file; a log that cannot be written is ignored. */
export function addToLog(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) renameSync(file, `${file}.1`);
  } catch {
    return;
  }
  appendFile(file, text, { mode: 0o640 }, () => {});
}

/** One line per request, in the format of the other web server driver. */
export function logAccess(
  site: FrontSite,
  message: IncomingMessage,
  answer: { status: number; bytes: number; beganMs: number },
): void {
  const { headers, method, url, httpVersion, socket } = message;
  const quoted = (text: string | undefined): string => `"${cleanText(text ?? '-').replaceAll('"', '\\"')}"`;
  const seconds = ((Date.now() - answer.beganMs) / 1000).toFixed(3);
  const line = [
    socket.remoteAddress ?? '-',
    '- -',
    `[${new Date().toISOString()}]`,
    quoted(`${method} ${url} HTTP/${httpVersion}`),
    answer.status,
    answer.bytes,
    quoted(headers.referer),
    quoted(headers['user-agent']),
    cleanText(headers.host ?? '-'),
    seconds,
  ];
  addToLog(join(site.logs, 'access.log'), `${line.join(' ')}\n`);
}

/** Adds a line to the error log of a site. */
export const logError = (site: Pick<FrontSite, 'logs'>, text: string): void =>
  addToLog(join(site.logs, 'error.log'), `${new Date().toISOString()} ${cleanText(text)}\n`);
