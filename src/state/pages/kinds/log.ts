import { findSite } from '../../../db/sites.ts';
import { logOfPage } from '../../model/log.ts';
import { definePage } from '../definition.ts';
import { siteOnTab } from './site.ts';

/** A log that a service writes for a site. */
export const logPage = definePage({
  kind: 'log',
  title: 'Sites',
  body: 'log',
  breadcrumb({ data: { site } }, { name }) {
    const log = logOfPage(name);
    return log && (site?.uri === log.uri ? [site.platform, site.uri, log.file] : [log.uri, log.file]);
  },
  read: ({ db }, { name }) => ({ site: findSite(db, logOfPage(name)?.uri ?? '') }),
  palette: {
    order: 7,
    read: ({ siteNames }) =>
      siteNames().map((uri) => ({ kind: 'log', name: uri, text: `${uri} logs`, about: 'logs of the site' })),
    page: (uri) => siteOnTab(uri, 'logs'),
  },
});
