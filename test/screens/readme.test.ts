import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withScreens } from '../../scripts/kept-screens.mjs';

it('README shows the screens as they are kept', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readme.match(/<!-- screen: /g)).toHaveLength(3);
  expect(readme).toBe(withScreens(readme));
});
