import type { ConsoleState } from '../model/state.ts';
import type { HeadFact } from './definition.ts';

/** A fact that is a plain text. */
export const textFact = (name: string, value: string): HeadFact => ({ name, cell: { text: value } });

/** Why an object is locked, where it is. */
export const lockFacts = (reason: string | null): HeadFact[] =>
  reason === null ? [] : [{ name: 'locked', cell: { text: reason, tone: 'warn' } }];

/** What a page says whose site is not there; undefined while it is. */
export const siteGone = ({ data: { site } }: ConsoleState, uri: string): string | undefined =>
  site?.uri === uri ? undefined : `There is no site ${uri} (any more).`;
