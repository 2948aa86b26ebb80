import { basename } from 'node:path';
import { findSite } from '../../../db/sites.ts';
import { fileOfPage } from '../../model/log.ts';
import { definePage } from '../definition.ts';
import { readSiteMore } from '../site-more.ts';

/** A file that is written for a site. */
export const filePage = definePage({
  kind: 'file',
  title: 'Sites',
  body: 'log',
  breadcrumb(_state, { name }) {
    const { uri, path } = fileOfPage(name);
    return [uri, basename(path)];
  },
  readsCatalogue: true,
  read(source, { name }, old) {
    const site = findSite(source.db, fileOfPage(name).uri);
    return { site, siteMore: site ? readSiteMore(source, site, old.siteMore) : old.siteMore };
  },
});
