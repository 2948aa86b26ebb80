/** How long ago a time (ISO 8601) was, as short as a column needs: "now", "12s", "3m", "5h", "2d", "7w", "3y". */
export function formatAgo(at: string | null, now: number): string {
  if (at === null) return '–';
  const seconds = Math.max(0, Math.floor((now - Date.parse(at)) / 1000));
  if (seconds < 5) return 'now';
  const [, size, unit] = units.find(([from]) => seconds >= from) ?? [1, 1, 's'];
  return `${Math.floor(seconds / size)}${unit} ago`;
}

/** How long until a time (ISO 8601): "in 5h"; "now" where it has come. */
export function formatIn(at: string, now: number): string {
  // As long ago as it lies ahead.
  const ago = formatAgo(new Date(2 * now - Date.parse(at)).toISOString(), now);
  return ago === 'now' ? ago : `in ${ago.replace(' ago', '')}`;
}

const DAY = 86_400;
/** From how many seconds on a unit is used, its length in seconds, its letter. */
const units: readonly (readonly [from: number, size: number, letter: string])[] = [
  [365 * DAY, 365 * DAY, 'y'],
  [14 * DAY, 7 * DAY, 'w'],
  [DAY, DAY, 'd'],
  [3600, 3600, 'h'],
  [60, 60, 'm'],
  [1, 1, 's'],
];

/** A span of time in milliseconds as a clock: "00:12", "1:02:07". */
export function formatClock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** A span of time in milliseconds where short ones matter: "0.4 s", "12 s", "3:05". */
export function formatSpan(milliseconds: number): string {
  if (milliseconds < 9950) return `${(Math.max(0, milliseconds) / 1000).toFixed(1)} s`;
  return milliseconds < 60_000 ? `${Math.round(milliseconds / 1000)} s` : formatClock(milliseconds);
}

/** A size in bytes, decimal units: "812 kB", "1.4 GB"; "–" for what was not measured. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return '–';
  const steps = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let step = 0;
  while (value >= 999.5 && step < steps.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${step === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${steps[step]}`;
}

/** How far something is: "14 of 33 files", "43 MB of 158 MB", or "43 MB" where the end is not known. */
export function formatProgress({ done, total, unit }: { done: number; total: number; unit: string }): string {
  const inBytes = unit === 'bytes';
  const say = (count: number): string => (inBytes ? formatBytes(count) : String(count));
  return `${total > 0 ? `${say(done)} of ${say(total)}` : say(done)}${inBytes ? '' : ` ${unit}`}`;
}

/** The local time of day of a time (ISO 8601): "14:03:59". */
export const formatTimeOfDay = (at: string): string => new Date(at).toTimeString().slice(0, 8);

/** A time (ISO 8601) as local date and minute: "2026-11-23 14:03". */
export function formatDate(at: string): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A time (ISO 8601) as local month, day and second: "11-23 14:03:59". */
export const formatStamp = (at: string): string => `${formatDate(at).slice(5, 10)} ${formatTimeOfDay(at)}`;

/** Breaks text into lines of at most `width` characters, at spaces where there are any. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let rest = paragraph.trimEnd();
    while (rest.length > width) {
      const space = rest.lastIndexOf(' ', width);
      const end = space > width / 3 ? space : width;
      lines.push(rest.slice(0, end));
      rest = rest.slice(end).trimStart();
    }
    lines.push(rest);
  }
  return lines;
}

/** A site's database as its people find it: by its name on the server, or as the file that it is. */
export const formatDatabase = ({ driver, name }: { driver: string; name: string }): string =>
  driver === 'sqlite' ? 'a file of its release (sqlite)' : `${name} (${driver})`;
