// Created once, since many versions are compared at a time.
const { compare } = new Intl.Collator('en', { numeric: true });

/** `1.10` is newer than `1.9`, `2.0-rc1` older than `2.0`. */
export function byVersion(one: string, other: string): number {
  const [a = '', b = ''] = [one, other].map((version) => version.replace(/^(8\.x-|v)/, ''));
  const release = (version: string): string => version.split(/[-+~]/)[0] ?? '';
  const order = compare(release(a), release(b));
  if (order !== 0) return order;
  const [early, late] = [a !== release(a), b !== release(b)];
  return early === late ? compare(a, b) : early ? -1 : 1;
}
