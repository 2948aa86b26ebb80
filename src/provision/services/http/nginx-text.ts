import { AegirError } from '../../model/errors.ts';

/** A block of nginx's configuration as lines: a head, what is in it, and its end. */
export const block = (head: string, lines: string[]): string[] => [
  `${head} {`,
  ...lines.map((line) => `  ${line}`),
  '}',
];

/** An address to listen on: `80`, `[::]:80`, `127.0.0.1:8080`. Throws `CONFIG_VALUE`. */
export const address = (value: string): string => only(/^(([0-9.]+|\*|\[[0-9a-f:.]+\]):)?[0-9]{1,5}$/, value);

/** A host name. Throws `CONFIG_VALUE`. */
export const hostName = (value: string): string => only(/^(\*\.)?[a-z0-9_][a-z0-9_.-]*$/, value);

/** The name of a variable that PHP is given. Throws `CONFIG_VALUE`. */
export const parameter = (value: string): string => only(/^[A-Z][A-Z0-9_]*$/, value);

/**
 * A path or other value, in quotes. nginx has no way to write a dollar sign that is not a variable, so a value
 * with one is refused, as is whatever could end the directive. Throws `CONFIG_VALUE`.
 */
export const value = (text: string): string => `"${only(/^[^"'`\\;{}$\u0000-\u001f\u007f]*$/, text)}"`;

/** A page of HTML, in quotes: what nginx would read as a variable or as the end stands as an entity. */
export function page(html: string): string {
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(html)) refuse(html);
  return `"${html.replaceAll('$', '&#36;').replaceAll('\\', '&#92;').replaceAll('"', '\\"')}"`;
}

/** Where a rewrite leads: a value in which `$1` to `$9` stand for the groups of its pattern. Throws `CONFIG_VALUE`. */
export function target(text: string): string {
  value(text.replaceAll(/\$[1-9]/g, ''));
  return `"${text}"`;
}

/** A regular expression, in quotes; braces and semicolons have no meaning there. Throws `CONFIG_VALUE`. */
export function pattern(text: string): string {
  only(/^[^\u0000-\u001f\u007f]+$/, text);
  try {
    new RegExp(text.replaceAll('?<aegir_', '?<'));
  } catch {
    refuse(text);
  }
  // In quotes a backslash stands for itself, except before quotes, another backslash, t, r and n.
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function only(allowed: RegExp, text: string): string {
  return allowed.test(text) ? text : refuse(text);
}

function refuse(text: string): never {
  throw new AegirError(
    'CONFIG_VALUE',
    `${JSON.stringify(text)} cannot stand in the web server's configuration`,
    'Leave out quotes, backslashes, dollar signs, semicolons, braces and control characters.',
  );
}
