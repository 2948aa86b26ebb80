import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { AegirError } from '../provision/model/errors.ts';
import { type Field, fieldsOf } from '../provision/tasks/model/fields.ts';

/** Adds an option to a command for each field of a schema; the forms of the console ask for the same fields. */
export function addFieldOptions(command: Command, args: z.ZodObject): Command {
  for (const field of fieldsOf(args)) command.addOption(optionOf(field));
  return command;
}

/** The option of a field. Secrets are read from a file, since every user of the machine can see command lines. */
function optionOf(field: Field): Option {
  if (field.secret)
    return new Option(`${field.flag}-file <file>`, `${field.help} Read from a file; - means standard input.`);
  const standard =
    field.default === undefined || field.default === '' || field.kind === 'boolean'
      ? ''
      : ` Default: ${String(field.default)}.`;
  const option = new Option(
    field.kind === 'boolean' ? field.flag : `${field.flag} <${field.value ?? field.kind}>`,
    `${field.help}${standard}`,
  );
  return field.options.length > 0 ? option.choices(field.options) : option;
}

/** The values of a schema's fields among a command's options, by field name; unchecked. Throws `ARGUMENT_INVALID`. */
export function fieldValues(args: z.ZodObject, values: Record<string, unknown>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const field of fieldsOf(args)) {
    const value = values[optionOf(field).attributeName()];
    if (value === undefined) continue;
    if (field.secret) given[field.name] = secretFrom(String(value), field);
    else if (field.kind === 'number') given[field.name] = /^-?\d+$/.test(String(value)) ? Number(value) : value;
    else given[field.name] = value;
  }
  return given;
}

function secretFrom(file: string, field: Field): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AegirError(
      'ARGUMENT_INVALID',
      `${field.flag}-file: ${why}`,
      'Give a file that contains only the secret.',
      field.name,
    );
  }
}
