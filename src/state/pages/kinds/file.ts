import { basename } from 'node:path';
import { findSite } from '../../../db/sites.ts';
import type { ConsoleState, Page } from '../../model/state.ts';
import { definePage } from '../definition.ts';
import { siteGone } from '../facts.ts';
import { readSiteMore } from '../site-more.ts';
import { serviceLook } from './log.ts';

/** Which file of which site a page is about: its name is both, with a blank between. */
function fileOf({ name }: Page): { uri: string; path: string } {
  const space = name.indexOf(' ');
  return { uri: name.slice(0, space), path: name.slice(space + 1) };
}

const isKnown = ({ data: { site, siteMore } }: ConsoleState, { uri, path }: { uri: string; path: string }): boolean =>
  site?.uri === uri && siteMore.files?.files.some((one) => one.path === path) === true;

/** A file that is written for a site. */
export const filePage = definePage({
  kind: 'file',
  title: 'Sites',
  body: 'log',
  belongsToSite: true,
  log: {
    look: serviceLook,
    still: true,
    path: (page) => fileOf(page).path,
    source: (files, page, state) => (isKnown(state, fileOf(page)) ? files.ofText(fileOf(page).path) : undefined),
    saveAs: (page) => basename(fileOf(page).path),
    missing: (state, page) => siteGone(state, fileOf(page).uri),
  },
  breadcrumb(_state, page) {
    const { uri, path } = fileOf(page);
    return [uri, basename(path)];
  },
  readsCatalogue: true,
  read(source, page, old) {
    const site = findSite(source.db, fileOf(page).uri);
    return { site, siteMore: site ? readSiteMore(source, site, old.siteMore) : old.siteMore };
  },
});
