import type { FoundDatabase } from './engine.ts';

/** Removes the comments of a PHP file; strings are kept. */
export function withoutComments(php: string): string {
  const tokens = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\/\*[\s\S]*?\*\/|(?:\/\/|#(?!\[)).*/g;
  return php.replaceAll(tokens, (token) => (/^['"]/.test(token) ? token : ' '));
}

/** A pattern for a PHP string; its text is in the first or second group. */
export const phpString = `(?:'((?:\\\\.|[^'\\\\])*)'|"((?:\\\\.|[^"\\\\])*)")`;

/** The text of such a pair of groups; undefined if the pattern did not match. */
export function textOf(match: RegExpExecArray | null, first = 1): string | undefined {
  if (!match) return undefined;
  return (match[first] ?? match[first + 1] ?? '').replaceAll(/\\(['"\\$])/g, '$1');
}

/** Parses a host as CMSs write it: `name`, `name:port`, `name:/socket`. */
export function hostOf(place: string): Pick<FoundDatabase, 'host' | 'port' | 'socket'> {
  const [host = '', rest = ''] = place.split(/:(.*)/);
  if (rest.startsWith('/')) return { host: 'localhost', port: 0, socket: rest };
  return { host: host || 'localhost', port: Number(rest) || 3306, socket: '' };
}

/** The statements of a PHP file without comments; a block belongs to the statement before it. */
export function statementsOf(php: string): string[] {
  const tokens = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[()[\]{};]|<\?php|\?>/g;
  const found: string[] = [];
  let [depth, begin] = [0, 0];
  for (const { 0: token, index } of php.matchAll(tokens)) {
    if (/^[([{]$/.test(token)) depth += 1;
    if (/^[)\]}]$/.test(token)) depth -= 1;
    const tag = /[<>]/.test(token) && !/^['"]/.test(token);
    if (!tag && (depth > 0 || !/^[;}]$/.test(token))) continue;
    const statement = php.slice(begin, tag ? index : index + 1).trim();
    if (statement !== '' && statement !== ';') found.push(statement);
    begin = index + token.length;
  }
  return found;
}
