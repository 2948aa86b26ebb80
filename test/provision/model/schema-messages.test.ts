import { expect, it } from 'vitest';
import { z } from 'zod';
import '../../../src/provision/model/schema-messages.ts';

const messageOf = (schema: z.ZodType, value: unknown): string | undefined =>
  schema.safeParse(value).error?.issues[0]?.message;

it.each([
  [z.number(), 'ten', 'must be a number'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.int().min(32), 10, 'must be at least 32'],
  [z.number().int().max(8192), 9000, 'must be at most 8192'],
  [z.number().positive(), 0, 'must be greater than 0'],
  [z.boolean(), 'yes', 'must be true or false'],
  [z.string(), undefined, 'is missing'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().max(3), 'long', 'must have at most 3 characters'],
  [z.array(z.string()).min(2), ['a'], 'must have at least 2 entries'],
  [z.enum(['on', 'off']), 'maybe', 'must be one of on, off'],
  [z.literal('yes'), 'no', 'must be yes'],
  [z.email(), 'nobody', 'is not a valid e-mail address'],
  [z.string().regex(/^a/), 'b', 'is not a valid value'],
  [z.strictObject({ a: z.string() }), { a: '', b: 1 }, 'has unknown names: b'],
  [z.union([z.literal(503), z.literal(404)]), 200, 'is not a valid value'],
])('what a schema refuses is said in plain English: %#', (schema, value, message) => {
  expect(messageOf(schema, value)).toBe(message);
});

it('the message of a schema itself comes first', () => {
  expect(messageOf(z.string().regex(/^a/, 'must begin with a'), 'b')).toBe('must begin with a');
});
