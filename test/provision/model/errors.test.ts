import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AegirError, describeError, wholeMessage } from '../../../src/provision/model/errors.ts';
import '../../../src/provision/model/schema-messages.ts';

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

describe('an error of many lines', () => {
  it('is one line for people: whose it is, and what was said last; frames of a stack are no words', () => {
    const said = [
      'update.php failed: PHP Fatal error: Uncaught Error: Call to undefined function wp_x() in /srv/a.php:3',
      'Stack trace:',
      '#0 /srv/b.php(12): one()',
      '#1 {main}',
      '  thrown in /srv/a.php on line 3',
    ].join('\n');
    expect(describeError(new AegirError('PROGRAM_FAILED', said)).message).toBe(said.split('\n')[0]);
    const apt = ['apt-get failed: Reading lists', 'Building tree', '', '----', 'E: no such package', 'E: broken'];
    expect(describeError(new Error(apt.join('\r\n'))).message).toBe(
      'apt-get failed: Reading lists / … / E: no such package / E: broken',
    );
    expect(describeError(new Error('one\ntwo\n')).message).toBe('one / two');
  });

  it('loses nothing for a log', () => {
    expect(wholeMessage(new AegirError('X', 'one\ntwo\nthree\nfour\nfive'))).toBe('one\ntwo\nthree\nfour\nfive');
  });

  it('of a document that does not fit its schema, it says what does not', () => {
    const { error } = z.object({ binary: z.string(), listen: z.array(z.string()) }).safeParse({ listen: [1] });
    expect(describeError(error).message).toBe('binary: is missing / listen.0: must be a text');
  });
});
