import { z } from 'zod';

/** What forms, help pages and flags need to know of an argument beside its type. */
export interface FieldInfo {
  title: string;
  /** One sentence for the line below the field and for `--help`. */
  help: string;
  /** Never stored with the task, never shown, wiped when it ends. */
  secret?: boolean;
  /** Where the choices come from, when they are not fixed by the type. */
  choices?: 'platforms' | 'clients' | 'profiles' | 'languages' | 'backups' | 'allBackups' | 'sites';
  example?: string;
  /** Its option, where that is not made of its name: `--max-disk`. */
  flag?: string;
  /** What the option takes, in `--help`; the kind of the argument unless said: `megabytes`. */
  value?: string;
  /** The example of `--help` says it although it may be left out: without it the command does nothing. */
  inExample?: boolean;
  /** Asked by itself before a dangerous task is begun: the question, and the words of each choice. */
  asked?: { question: string; choices: Record<string, string> };
  /** Shown only when the person asks for more. */
  advanced?: boolean;
}

/** The one home of field information, beside the schemas themselves. */
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

/** Splits checked arguments into what is stored with the task and what is secret. */
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
