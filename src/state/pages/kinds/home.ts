import { definePage } from '../definition.ts';

/** A machine that is not set up yet: the ways on, and what doctor finds. */
export const homePage = definePage({
  kind: 'home',
  title: 'Home',
  view: {},
  place: 'the page of a new machine',
  body: 'home',
  showsFindings: true,
});
