import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { z } from 'zod';
import { AegirError } from '../provision/model/errors.ts';
import { type Field, fieldsOf } from '../provision/tasks/model/fields.ts';

/** Gives a command an option for each field of a schema, as forms ask for it too. */
export function addFieldOptions(command: Command, args: z.ZodObject): Command {
  for (const field of fieldsOf(args)) command.addOption(optionOf(field));
  return command;
}

/** Secrets are never words of a command line, which every user of the machine can read. */
function optionOf(field: Field): Option {
  if (field.secret)
    return new Option(`${field.flag}-file <file>`, `${field.help} Read from a file; - means standard input.`);
  const said = field.default === undefined || field.default === '' ? '' : ` (${String(field.default)} unless said)`;
  const option = new Option(
    field.kind === 'boolean' ? field.flag : `${field.flag} <${field.value ?? field.kind}>`,
    `${field.help}${said}`,
  );
  return field.options.length > 0 ? option.choices(field.options) : option;
}

/** What was said of the fields of a schema, by their names; not checked, but that numbers are numbers. Throws `ARGUMENT_INVALID`. */
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
      'Name a file that holds the secret alone.',
      field.name,
    );
  }
}
