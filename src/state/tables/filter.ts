/** A row as a filter sees it: its searchable text, and its fields for `key:value`. */
export interface Filterable {
  text: string;
  field(key: string): string | undefined;
}

/** True for a row that is shown. */
export type Filter = (row: Filterable) => boolean;

/**
 * Reads a filter as it is typed: terms between spaces, all of which must hold. `word` is a substring, `!word` the
 * opposite, `key:value` a substring of that field, `key:=value` the whole of it, `~word` letters in that order.
 * Case does not count.
 * An empty filter shows everything.
 */
export function parseFilter(typed: string): Filter | undefined {
  const terms = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((term) => term !== '' && term !== '!' && term !== '~');
  if (terms.length === 0) return undefined;
  const filters = terms.map(parseTerm);
  return (row) => filters.every((filter) => filter(row));
}

function parseTerm(term: string): Filter {
  if (term.startsWith('!')) {
    const wanted = parseTerm(term.slice(1));
    return (row) => !wanted(row);
  }
  if (term.startsWith('~')) return ({ text }) => hasInOrder(text, term.slice(1));
  const colon = term.indexOf(':');
  if (colon <= 0) return ({ text }) => text.includes(term);
  const [key, value] = [term.slice(0, colon), term.slice(colon + 1)];
  const fits = value.startsWith('=')
    ? (found: string): boolean => found === value.slice(1)
    : (found: string): boolean => found.includes(value);
  return (row) => {
    const found = row.field(key);
    // No field of this list: people also search for text with a colon in it.
    return found === undefined ? row.text.includes(term) : fits(found.toLowerCase());
  };
}

/** True when a text has these letters in this order. */
export function hasInOrder(text: string, letters: string): boolean {
  let from = 0;
  for (const letter of letters) {
    const found = text.indexOf(letter, from);
    if (found < 0) return false;
    from = found + letter.length;
  }
  return true;
}
