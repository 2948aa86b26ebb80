import { expect, it } from 'vitest';
import { standardProgram } from '../../../src/provision/standard.ts';

it('every task that holds visitors lets them back, so that a worker that ends knows how long to go on', () => {
  const holding = standardProgram.tasks.list.filter(({ apply }) => apply.some(({ visitors }) => visitors === 'held'));
  expect(holding.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['site.migrate', 'site.back', 'site.restore', 'site.update']),
  );
  for (const { type, apply, cleanUp } of holding) {
    const marks = [...apply, ...cleanUp].flatMap(({ visitors }) => visitors ?? []);
    expect(`${type} ${marks.join(' ')}`).toBe(`${type} held back`);
  }
});
