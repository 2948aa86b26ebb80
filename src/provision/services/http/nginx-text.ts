import { AegirError } from '../../model/errors.ts';

/** A block of nginx's configuration as lines. */
export const block = (head: string, lines: string[]): string[] => [
  `${head} {`,
  ...lines.map((line) => `  ${line}`),
  '}',
];

/** An address to listen on: `80`, `[::]:80`, `127.0.0.1:8080`. Throws `CONFIG_VALUE`. */
export const address = (value: string): string => only(/^(([0-9.]+|\*|\[[0-9a-f:.]+\]):)?[0-9]{1,5}$/, value);

/** A host name. Throws `CONFIG_VALUE`. */
export const hostName = (value: string): string => only(/^(\*\.)?[a-z0-9_][a-z0-9_.-]*$/, value);

/** The name of a FastCGI parameter. Throws `CONFIG_VALUE`. */
export const parameter = (value: string): string => only(/^[A-Z][A-Z0-9_]*$/, value);

/**
 * A path or other value, in quotes. nginx cannot escape a literal dollar sign, so a value with one is refused, as is
 * whatever could end the directive. Throws `CONFIG_VALUE`.
 */
export const value = (text: string): string => `"${only(/^[^"'`\\;{}$\u0000-\u001f\u007f]*$/, text)}"`;

/** An HTML page, in quotes: characters special to nginx become entities. */
export function page(html: string): string {
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(html)) refuse(html);
  return `"${html.replaceAll('$', '&#36;').replaceAll('\\', '&#92;').replaceAll('"', '\\"')}"`;
}

/** The target of a rewrite: a value in which `$1` to `$9` refer to the groups of its pattern. Throws `CONFIG_VALUE`. */
export function target(text: string): string {
  value(text.replaceAll(/\$[1-9]/g, ''));
  return `"${text}"`;
}

/** A regular expression, in quotes, where braces and semicolons are safe. Throws `CONFIG_VALUE`. */
export function pattern(text: string): string {
  only(/^[^\u0000-\u001f\u007f]+$/, text);
  try {
    new RegExp(text.replaceAll('?<aegir_', '?<'));
  } catch {
    refuse(text);
  }
  // In quotes a backslash is literal, except before quotes, another backslash, t, r and n.
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function only(allowed: RegExp, text: string): string {
  return allowed.test(text) ? text : refuse(text);
}

function refuse(text: string): never {
  throw new AegirError(
    'CONFIG_VALUE',
    `${JSON.stringify(text)} cannot be written into the web server's configuration`,
    'Leave out quotes, backslashes, dollar signs, semicolons, braces and control characters.',
  );
}
