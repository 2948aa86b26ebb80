import { join } from 'node:path';
import { findSite } from '../../../db/sites.ts';
import { siteLogFolder } from '../../../provision/model/paths.ts';
import { plainLog, type SiteLog } from '../../model/log.ts';
import type { Page } from '../../model/state.ts';
import { definePage, type PageLog } from '../definition.ts';
import { siteGone } from '../facts.ts';
import { siteOnTab } from './site.ts';

/** Nobody reads what a service writes without its times. */
export const serviceLook: PageLog['look'] = { name: 'log', first: { wrap: false, timestamps: true } };

/** Which log of which site a page is about. */
function logOf({ name }: Page): Pick<SiteLog, 'uri' | 'file'> | undefined {
  const [uri = '', file = ''] = name.split(' ');
  return plainLog.test(file) ? { uri, file } : undefined;
}

/** A log that a service writes for a site. */
export const logPage = definePage({
  kind: 'log',
  title: 'Sites',
  body: 'log',
  belongsToSite: true,
  log: {
    look: serviceLook,
    source(files, page, { data: { site } }) {
      const log = logOf(page);
      if (!log || site?.uri !== log.uri) return undefined;
      return files.ofText(join(siteLogFolder(files.paths, site.handle), log.file));
    },
    saveAs(page) {
      const log = logOf(page);
      return log ? `${log.uri.replaceAll('/', '_')}-${log.file}` : 'site.log';
    },
    missing: (state, page) => siteGone(state, logOf(page)?.uri ?? ''),
  },
  breadcrumb({ data: { site } }, page) {
    const log = logOf(page);
    return log && (site?.uri === log.uri ? [site.platform, site.uri, log.file] : [log.uri, log.file]);
  },
  read: ({ db }, page) => ({ site: findSite(db, logOf(page)?.uri ?? '') }),
  palette: {
    order: 7,
    read: ({ siteNames }) =>
      siteNames().map((uri) => ({ kind: 'log', name: uri, text: `${uri} logs`, about: 'logs of the site' })),
    page: (uri) => siteOnTab(uri, 'logs'),
  },
});
