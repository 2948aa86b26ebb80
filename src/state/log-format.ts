import { cleanText } from '../provision/clean-text.ts';
import type { LogLevel, LogLine } from '../provision/task.ts';
import type { LogFormat } from './log-source.ts';

/** A task's log: a JSON object a line (worker/task-log.ts). */
export const taskFormat: LogFormat = {
  parse: parseTaskLine,
  level: (raw) => (raw.includes('"level":"error"') || raw.includes('"level":"warning"') ? levelIn(raw) : 'info'),
  text: (raw) => parseTaskLine(raw).text,
  saved(raw) {
    const { at, level, text } = parseTaskLine(raw);
    return `${at} ${level} ${text}`;
  },
  written: (wanted) => JSON.stringify(wanted).slice(1, -1),
};

const levelIn = (raw: string): LogLevel => parseTaskLine(raw).level;

/** A stored line; cleaned once more, as another program may have written the file. */
function parseTaskLine(raw: string): LogLine {
  try {
    const line = JSON.parse(raw) as LogLine;
    return { ...line, at: cleanText(String(line.at)), text: cleanText(String(line.text)) };
  } catch {
    return { at: '', level: 'warning', step: '', stream: 'aegir', text: cleanText(raw) };
  }
}

/** What web servers and PHP write: a line of text with its time, in one of the forms of `stamps`. */
export const serviceFormat: LogFormat = {
  parse(raw) {
    const stamp = stampOf(raw);
    const at = stamp ? stamp.time : '';
    const text = stamp ? raw.slice(0, stamp.from) + raw.slice(stamp.to) : raw;
    return { at, level: serviceLevel(raw), step: '', stream: 'aegir', text: cleanText(text) };
  },
  level: serviceLevel,
  text: cleanText,
  saved: cleanText,
  written: (wanted) => wanted,
};

/** What our own web server writes into an error log (front/logs.ts). */
const ownError = /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z) /;

/**
 * Where the time stands: nginx's error log (local time), an access log with ISO 8601 in it, our own web server's error
 * log, PHP's own. It is shown, or not, as the time of the line.
 */
const stamps: readonly { pattern: RegExp; time(parts: RegExpExecArray): Date }[] = [
  {
    pattern: /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) /,
    time: ([, year, month, day, hour, minute, second]) =>
      new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)),
  },
  {
    pattern: /(?<=^\S{1,60} - \S{1,200} )\[(\d{4}-\d\d-\d\dT[\d:.]{8,12}(?:Z|[+-]\d\d:\d\d))\] /,
    time: ([, time]) => new Date(time ?? ''),
  },
  {
    pattern: ownError,
    time: ([, time]) => new Date(time ?? ''),
  },
  {
    pattern: /^\[(\d\d-\w{3}-\d{4} [\d:]{8}) (UTC|[\w/+-]+)\] /,
    time: ([, time, zone]) => new Date(`${time}${zone === 'UTC' ? ' UTC' : ''}`),
  },
];

/** Only the head of a line is looked at: a hostile one of any length costs no more. */
const HEAD = 400;

function stampOf(raw: string): { from: number; to: number; time: string } | undefined {
  const head = raw.slice(0, HEAD);
  for (const { pattern, time } of stamps) {
    const found = pattern.exec(head);
    const date = found && time(found);
    if (!date || Number.isNaN(date.getTime())) continue;
    return { from: found.index, to: found.index + found[0].length, time: date.toISOString() };
  }
  return undefined;
}

/** PHP's own word first: the web server calls all that PHP says an error. An access log tells by the answer's status. */
function serviceLevel(raw: string): LogLevel {
  const head = raw.slice(0, HEAD);
  const php = /PHP (?:message: PHP )?(Fatal|Parse|Recoverable|Core|Compile|Warning|Notice|Deprecated|Strict)/.exec(
    head,
  );
  if (php) return phpLevels[php[1] ?? ''] ?? 'error';
  const server = /\[(emerg|alert|crit|error|warn|notice|info|debug)\]/.exec(head)?.[1];
  if (server) return serverLevels[server] ?? 'error';
  if (ownError.test(head)) return 'error';
  const status = /" ([1-5])\d\d \d+ /.exec(raw.slice(0, 4000))?.[1];
  return status === '5' ? 'error' : status === '4' ? 'warning' : 'info';
}

const phpLevels: Record<string, LogLevel> = {
  Warning: 'warning',
  Notice: 'info',
  Deprecated: 'info',
  Strict: 'info',
};

const serverLevels: Record<string, LogLevel> = { warn: 'warning', notice: 'info', info: 'info', debug: 'debug' };
