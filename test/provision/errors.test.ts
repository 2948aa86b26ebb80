import { expect, it } from 'vitest';
import { AegirError, describeError } from '../../src/provision/errors.ts';

it.each(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])('%s is a full disk, wherever it comes from', (code) => {
  const error = Object.assign(new Error(`${code}: it is full`), { code });
  expect(describeError(error)).toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('it is full') });
});

it('what the program did not foresee is its own fault; what it did foresee is told as it is', () => {
  expect(describeError(new TypeError('x is not a function'))).toMatchObject({ code: 'INTERNAL' });
  expect(describeError(new AegirError('URI_TAKEN', 'a exists', 'Choose another.', 'uri'))).toEqual({
    code: 'URI_TAKEN',
    message: 'a exists',
    hint: 'Choose another.',
    field: 'uri',
  });
});
