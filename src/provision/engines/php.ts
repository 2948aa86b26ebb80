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

/** A generated PHP file: notice, reference to people's own lines, body. */
export const phpFile = (body: string, local: string): string =>
  `<?php\n// ${generatedNotice} ${local}\n${body.trim()}\n`;

/** An initial file for people's own lines. */
export const localPhp = (what: string): string =>
  `<?php\n// ${what} Aegir Console made this file once and never changes it.\n`;

/** A page in the settings of a release that accepts no requests: every request is answered with it. */
export const HELD_PAGE = 'held.html';

/**
 * The first lines of a site's settings. They answer requests that the web server had already accepted when the site was
 * closed: it passes those to PHP once they are complete, and whatever PHP wrote then would be lost.
 */
export const heldLines = `if (isset($_SERVER['GATEWAY_INTERFACE']) && !isset($_SERVER['AEGIR_PROBE']) && is_file(__DIR__ . '/${HELD_PAGE}')) {
  http_response_code(503);
  header('Content-Type: text/html; charset=utf-8');
  header('Cache-Control: no-store');
  header('Retry-After: ${RETRY_AFTER_S}');
  readfile(__DIR__ . '/${HELD_PAGE}');
  exit;
}`;

/** A pattern that matches exactly one host name, for lists of trusted hosts. */
export const hostPattern = (name: string): string => `^${name.replaceAll('.', '\\.').replaceAll('*', '.+')}$`;

/** Creates a site's settings files: owned by root, readable only by the site's user. With `once`, only if missing. */
export function settingsFiles(site: SiteContext): (name: string, text: string, once?: boolean) => GeneratedFile {
  const { settings } = sitePaths(site);
  return (name, text, once = false) => ({ path: join(settings, name), text, group: site.handle, mode: 0o640, once });
}
