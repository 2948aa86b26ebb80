import type { SiteContext } from '../../model/context.ts';

/** A page that is served instead of a site. */
export interface ClosedPage {
  status: 503 | 404;
  html: string;
}

/** The Retry-After of a closed site, in seconds: search engines keep their results until then (RFC 9110, 10.2.3). */
export const RETRY_AFTER_S = 600;

/**
 * The page that every address of a site answers with while it is disabled or in maintenance; undefined while it is
 * open.
 */
export function closedPage({ uri, web }: SiteContext): ClosedPage | undefined {
  if (web.serving === 'open') return undefined;
  if (web.serving === 'maintenance') {
    return { status: 503, html: pageOf(uri, 'is being worked on. Please come back in a few minutes.') };
  }
  return { status: web.closedStatus, html: pageOf(uri, 'is not available at present.') };
}

const pageOf = (uri: string, sentence: string): string =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
  `<title>${uri}</title><style>body{font:1.1em/1.5 sans-serif;margin:20vh auto;max-width:30em;padding:0 1em}` +
  `</style></head><body><h1>${uri}</h1><p>This site ${sentence}</p></body></html>`;
