import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AegirError } from './errors.ts';
import type { RootPaths } from './paths.ts';

/** The check of a value in config.json, and its description. */
export interface Rule {
  fits(value: unknown): boolean;
  words: string;
}

export const oneOf = (...names: readonly string[]): Rule => ({
  fits: (value) => typeof value === 'string' && names.includes(value),
  words: `one of ${names.join(', ')}`,
});
export const flag: Rule = { fits: (value) => typeof value === 'boolean', words: 'true or false' };
export const wholeNumber = (from: number, to: number): Rule => ({
  fits: (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to,
  words: `a whole number from ${from} to ${to}`,
});
export const shortText = (most: number): Rule => ({
  fits: (value) => typeof value === 'string' && value.length <= most && !/[\u0000-\u001f\u007f-\u009f]/.test(value),
  words: `a text of at most ${most} characters`,
});

/**
 * Reads one section of config.json in the settings folder; missing values are the defaults. Throws `CONFIG_INVALID`
 * with file, name and value. Checked without the schema library, which is only loaded after the console's first frame,
 * while this is needed before.
 */
export function readConfigPart<T extends object>(
  { etc }: Pick<RootPaths, 'etc'>,
  part: string,
  rules: Record<keyof T & string, Rule>,
  fallback: T,
): T {
  const file = join(etc, 'config.json');
  const given = record(file, 'it', configDocument(file));
  const config = { ...fallback };
  for (const [name, value] of Object.entries(record(file, `"${part}"`, given[part] ?? {}))) {
    const wants = Object.hasOwn(rules, name) ? rules[name as keyof T & string] : undefined;
    if (!wants) throw invalid(file, `there is no "${part}.${name}"`, `Known names: ${Object.keys(rules).join(', ')}.`);
    if (!wants.fits(value)) {
      throw invalid(file, `"${part}.${name}" is ${JSON.stringify(value)}`, `It must be ${wants.words}.`);
    }
    Object.assign(config, { [name]: value });
  }
  return config;
}

/** The whole of config.json; empty where there is none, or this user may not read it. */
export function configDocument(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(file, error.message, 'Correct it, or move it away.');
    return {};
  }
}

function record(file: string, name: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid(file, `${name} is not an object`, 'An object looks like this: {"console": {"title": false}}');
}

const invalid = (file: string, what: string, hint: string): AegirError =>
  new AegirError('CONFIG_INVALID', `${file}: ${what}`, hint);
