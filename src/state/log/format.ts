import { cleanText } from '../../provision/model/clean-text.ts';
import type { LogLevel } from '../../provision/model/work-io.ts';
import type { LogLine } from '../../provision/tasks/model/task.ts';
import type { LogFormat } from '../model/log-source.ts';

/** A task's log: a JSON object a line (worker/task-log.ts). */
export const taskFormat: LogFormat = {
  parse: parseTaskLine,
  level: (raw) => (raw.includes('"level":"error"') || raw.includes('"level":"warning"') ? levelIn(raw) : 'info'),
  goesOn: () => false,
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

/** What web servers and PHP write: a line of text in one of `forms`, with lines that go on below it. */
export const serviceFormat: LogFormat = {
  parse(raw) {
    const { at, level, text } = entryOf(raw) ?? { at: '', level: 'info', text: raw };
    return { at, level, step: '', stream: 'aegir', text: cleanText(text) };
  },
  level: (raw) => entryOf(raw)?.level ?? 'info',
  goesOn: (raw) => entryOf(raw) === undefined,
  text: cleanText,
  saved: cleanText,
  written: (wanted) => wanted,
};

/** A line taken apart. Its text is the news, without what would hide it on a narrow screen and is shown otherwise. */
interface Entry {
  at: string;
  level: LogLevel;
  text: string;
}

interface Form {
  /** What stands before the news. */
  pattern: RegExp;
  time(parts: RegExpExecArray): Date;
  level(parts: RegExpExecArray, news: string): LogLevel;
  /** What is kept of that which stands before it. */
  kept?(parts: RegExpExecArray): string;
}

const forms: readonly Form[] = [
  {
    // nginx's error log, in local time: level, process, connection, and perhaps that PHP said it.
    pattern:
      /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) \[(\w+)\] \d+#\d+: (?:\*\d+ )?(FastCGI sent in stderr: "(?:PHP message: )?)?/,
    time: ([, year, month, day, hour, minute, second]) =>
      new Date(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)),
    level: (parts, news) => (parts[8] && phpLevel(news)) || (serverLevels[parts[7] ?? ''] ?? 'error'),
  },
  {
    // An access log with ISO 8601 in it: address, user, time, request, status.
    pattern: /^(\S{1,60} )(- \S{1,200} )\[(\d{4}-\d\d-\d\dT[\d:.]{8,12}(?:Z|[+-]\d\d:\d\d))\] /,
    time: ([, , , time]) => new Date(time ?? ''),
    level: (_parts, news) => statusLevels[/^"(?:[^"\\]|\\.)*" ([1-5])\d\d /.exec(news)?.[1] ?? ''] ?? 'info',
    kept: ([, address = '', user = '']) => (user === '- - ' ? address : address + user),
  },
  {
    // What our own web server writes into an error log (front/logs.ts).
    pattern: /^(\d{4}-\d\d-\d\dT[\d:.]{12}Z) (?:PHP message: )?/,
    time: ([, time]) => new Date(time ?? ''),
    level: (_parts, news) => phpLevel(news) ?? 'error',
  },
  {
    // PHP's own error log.
    pattern: /^\[(\d\d-\w{3}-\d{4} [\d:]{8}) (UTC|[\w/+-]+)\] /,
    time: ([, time, zone]) => new Date(`${time}${zone === 'UTC' ? ' UTC' : ''}`),
    level: (_parts, news) => phpLevel(news) ?? 'info',
  },
];

/** Only the head of a line is looked at: a hostile one of any length costs no more. */
const HEAD = 4000;

function entryOf(raw: string): Entry | undefined {
  const head = raw.length > HEAD ? raw.slice(0, HEAD) : raw;
  for (const { pattern, time, level, kept } of forms) {
    const parts = pattern.exec(head);
    const date = parts && time(parts);
    if (!date || Number.isNaN(date.getTime())) continue;
    const news = head.slice(parts[0].length);
    const text = (kept?.(parts) ?? '') + raw.slice(parts[0].length);
    return { at: date.toISOString(), level: level(parts, news), text };
  }
  return undefined;
}

/** The worst of what PHP says on a line: the web server puts what one request said together, and calls all of it errors. */
function phpLevel(news: string): LogLevel | undefined {
  const words = [...news.matchAll(/(?:^|; PHP message: )PHP (\w+)/g)].map(
    ([, word = '']) => phpLevels[word] ?? 'error',
  );
  return words.find((level) => level === 'error') ?? words.find((level) => level === 'warning') ?? words[0];
}

const phpLevels: Record<string, LogLevel> = {
  Warning: 'warning',
  Notice: 'info',
  Deprecated: 'info',
  Strict: 'info',
};

const serverLevels: Record<string, LogLevel> = { warn: 'warning', notice: 'info', info: 'info', debug: 'debug' };

const statusLevels: Record<string, LogLevel> = { 4: 'warning', 5: 'error' };
