import { join } from 'node:path';
import { type SiteContext, sitePaths } from '../model/context.ts';
import { type GeneratedFile, generatedNotice } from '../model/generated-file.ts';
import { RETRY_AFTER_S } from '../services/http/closed-page.ts';

/** A PHP literal for a plain value: strings single-quoted, lists and maps as arrays. */
export function phpValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return `[${value.map(phpValue).join(', ')}]`;
  if (typeof value === 'object') {
    return `[${Object.entries(value)
      .map(([key, item]) => `${phpValue(key)} => ${phpValue(item)}`)
      .join(', ')}]`;
  }
  return `'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** A generated PHP file: notice, where people's own lines go, body. */
export const phpFile = (body: string, local: string): string =>
  `<?php\n// ${generatedNotice} ${local}\n${body.trim()}\n`;

/** An empty file for people's own lines. */
export const localPhp = (what: string): string =>
  `<?php\n// ${what} Aegir Console made this file once and never changes it.\n`;

/** In the settings of a release that takes no requests: the page that they are answered with. */
export const HELD_PAGE = 'held.html';

/**
 * Lines at the head of a site's settings. Who still sent a request when the site was closed is told so by PHP: the web
 * server has taken it already and gives it to PHP when all of it is there, and what it writes then would be lost.
 */
export const heldLines = `if (isset($_SERVER['GATEWAY_INTERFACE']) && !isset($_SERVER['AEGIR_PROBE']) && is_file(__DIR__ . '/${HELD_PAGE}')) {
  http_response_code(503);
  header('Content-Type: text/html; charset=utf-8');
  header('Cache-Control: no-store');
  header('Retry-After: ${RETRY_AFTER_S}');
  readfile(__DIR__ . '/${HELD_PAGE}');
  exit;
}`;

/** Patterns that match one host name and nothing else, for lists of trusted hosts. */
export const hostPattern = (name: string): string => `^${name.replaceAll('.', '\\.').replaceAll('*', '.+')}$`;

/** Makes files of a site's settings: root's, readable by the site's user alone. With `once`, made where there is none. */
export function settingsFiles(site: SiteContext): (name: string, text: string, once?: boolean) => GeneratedFile {
  const { settings } = sitePaths(site);
  return (name, text, once = false) => ({ path: join(settings, name), text, group: site.handle, mode: 0o640, once });
}
