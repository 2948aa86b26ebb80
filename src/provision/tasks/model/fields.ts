import { z } from 'zod';
import '../../model/schema-messages.ts';

/** What forms, help pages and flags need to know about an argument in addition to its type. */
export interface FieldInfo {
  title: string;
  /** One sentence for the line below the field and for `--help`. */
  help: string;
  /** Never stored with the task, never shown, and wiped when the task ends. */
  secret?: boolean;
  /** Where the choices come from, when they are not fixed by the type. */
  choices?:
    | 'platforms'
    | 'otherPlatforms'
    | 'clients'
    | 'profiles'
    | 'languages'
    | 'backups'
    | 'allBackups'
    | 'sites'
    | 'services'
    | 'phps';
  example?: string;
  /** Its flag, if not derived from its name: `--max-disk`. */
  flag?: string;
  /** The placeholder of its value in `--help`; by default the kind of the argument: `megabytes`. */
  value?: string;
  /** Part of the example in `--help` although optional: without it the command does nothing. */
  inExample?: boolean;
  /** Asked before a dangerous task starts: the question, and a label for each choice. */
  asked?: { question: string; choices: Record<string, string> };
  /** Hidden until the person asks for more options. */
  advanced?: boolean;
}

/** The only place for field information; set next to each schema. */
export const fieldInfo = z.registry<FieldInfo>();

/** An argument as forms and flags see it. */
export interface Field extends FieldInfo {
  name: string;
  /** `--admin-mail` */
  flag: string;
  kind: 'text' | 'number' | 'boolean' | 'choice';
  options: string[];
  default: string | number | boolean | undefined;
  required: boolean;
  schema: z.ZodType;
}

/** The arguments of a task in the order of its schema. */
export function fieldsOf(args: z.ZodObject): Field[] {
  return Object.entries(args.shape).map(([name, schema]) => {
    const type = schema as z.ZodType;
    const info = fieldInfo.get(type) ?? { title: name, help: '' };
    const fallback = type instanceof z.ZodDefault ? type.def.defaultValue : undefined;
    const inner = unwrap(type);
    return {
      ...info,
      name,
      flag: info.flag ?? `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      kind: kindOf(inner),
      options: inner instanceof z.ZodEnum ? inner.options.map(String) : [],
      default: fallback as Field['default'],
      required: !type.safeParse(undefined).success,
      schema: type,
    };
  });
}

/** Splits checked arguments into those that are stored with the task and secrets. */
export function splitSecrets(
  args: z.ZodObject,
  values: Record<string, unknown>,
): { open: Record<string, unknown>; secrets: Record<string, string> } {
  const open: Record<string, unknown> = {};
  const secrets: Record<string, string> = {};
  const secretNames = new Set(
    fieldsOf(args)
      .filter((field) => field.secret)
      .map((field) => field.name),
  );
  for (const [name, value] of Object.entries(values)) {
    if (!secretNames.has(name)) open[name] = value;
    else if (value !== '' && value !== undefined) secrets[name] = String(value);
  }
  return { open, secrets };
}

function unwrap(type: z.ZodType): z.ZodType {
  if (type instanceof z.ZodDefault || type instanceof z.ZodOptional) return unwrap(type.unwrap() as z.ZodType);
  return type;
}

function kindOf(type: z.ZodType): Field['kind'] {
  if (type instanceof z.ZodNumber) return 'number';
  if (type instanceof z.ZodBoolean) return 'boolean';
  return type instanceof z.ZodEnum ? 'choice' : 'text';
}
