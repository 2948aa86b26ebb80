/** `1.10` is newer than `1.9`, `2.0-rc1` older than `2.0`. */
export function byVersion(one: string, other: string): number {
  const [a = '', b = ''] = [one, other].map((version) => version.replace(/^(8\.x-|v)/, ''));
  const release = (version: string): string => version.split(/[-+~]/)[0] ?? '';
  const order = release(a).localeCompare(release(b), 'en', { numeric: true });
  if (order !== 0) return order;
  const [early, late] = [a !== release(a), b !== release(b)];
  return early === late ? a.localeCompare(b, 'en', { numeric: true }) : early ? -1 : 1;
}
