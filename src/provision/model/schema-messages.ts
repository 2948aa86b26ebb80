import { z } from 'zod';

/**
 * What a value should have been, in plain English ("must be a whole number"), for each problem that a schema finds
 * without a message of its own. Set for all schemas of the process, since zod's own texts ("Invalid input: expected
 * number, received string") are not for people. Schemas that people meet import this file.
 */
export const schemaMessage: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `must ${limit('least', issue.origin, Number(issue.minimum), issue.inclusive !== false)}`;
    case 'too_big':
      return `must ${limit('most', issue.origin, Number(issue.maximum), issue.inclusive !== false)}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has unknown names: ${issue.keys.join(', ')}`;
    case 'invalid_format':
      return `is not a valid ${formats[issue.format] ?? 'value'}`;
    default:
      return 'is not a valid value';
  }
};

z.config({ customError: schemaMessage });

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'empty',
};

const formats: Record<string, string> = {
  email: 'e-mail address',
  url: 'URL',
  datetime: 'time',
  json_string: 'JSON text',
};

/** "be at least 5", "have at most 3 characters", "not be empty". */
function limit(which: 'least' | 'most', origin: string, bound: number, inclusive: boolean): string {
  const unit = origin === 'string' ? 'character' : ['array', 'set', 'map', 'object'].includes(origin) ? 'entry' : '';
  if (unit === '') {
    return inclusive ? `be at ${which} ${bound}` : `be ${which === 'least' ? 'greater' : 'less'} than ${bound}`;
  }
  if (which === 'least' && bound === 1) return 'not be empty';
  const plural = unit === 'entry' ? 'entries' : 'characters';
  return `have at ${which} ${bound} ${bound === 1 ? unit : plural}`;
}
