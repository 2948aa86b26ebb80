import { dirname, join } from 'node:path';
import type { Host } from '../../host/host.ts';

/** A directive of nginx's configuration; `opens` says that a block follows. A `}` has no arguments. */
interface Directive {
  args: string[];
  line: number;
  opens: boolean;
}

/** A server block written by somebody else, and where it begins. */
export interface ServerBlock {
  file: string;
  line: number;
  /** The first argument of its listen directives; `80` if it has none, which is nginx's default as root. */
  listens: string[];
  names: string[];
  /** True if nginx reads it before our files: of two blocks with the same name the first wins. */
  first: boolean;
}

/** Longest file that is read, and how deep includes may be nested. */
const MOST_BYTES = 4 * 1024 * 1024;
const DEEPEST = 20;

/**
 * The server blocks of an nginx configuration, in nginx's reading order. Includes whose pattern satisfies `ours` are
 * skipped. The files are read rather than dumped with `nginx -T`, which would print all of our own sites too.
 */
export async function serverBlocks(
  host: Pick<Host, 'readText' | 'list'>,
  conf: string,
  ours: (pattern: string) => boolean,
): Promise<ServerBlock[]> {
  const found: ServerBlock[] = [];
  const blocks: (ServerBlock | undefined)[] = [];
  let first = true;

  async function read(file: string, depth: number): Promise<void> {
    const text = await host.readText(file, MOST_BYTES);
    for (const { args, line, opens } of directivesOf(text ?? '')) {
      const [name = '', ...values] = args;
      const inside = blocks.at(-1);
      if (opens) {
        const server = name === 'server' && blocks.length === 1;
        const block = server ? { file, line, listens: [], names: [], first } : undefined;
        if (block) found.push(block);
        blocks.push(block);
      } else if (name === '') blocks.pop();
      else if (name === 'include') await include(values[0] ?? '', depth);
      else if (name === 'server_name') inside?.names.push(...values);
      else if (name === 'listen') inside?.listens.push(values[0] ?? '');
    }
  }

  async function include(pattern: string, depth: number): Promise<void> {
    // Relative to the folder of nginx's main configuration file.
    const path = pattern.startsWith('/') ? pattern : join(dirname(conf), pattern);
    if (ours(path)) first = false;
    else if (depth < DEEPEST) for (const file of await matching(host, path)) await read(file, depth + 1);
  }

  await read(conf, 0);
  return found.map((block) => ({ ...block, listens: block.listens.length > 0 ? block.listens : ['80'] }));
}

/** The files that match a pattern of glob(7), sorted; a path without wildcards is itself. */
async function matching(host: Pick<Host, 'list'>, pattern: string): Promise<string[]> {
  let paths = [''];
  for (const part of pattern.split('/').slice(1)) {
    if (!/[*?[]/.test(part)) paths = paths.map((path) => `${path}/${part}`);
    else {
      const like = new RegExp(
        `^${part
          .replaceAll(/[.+^$(){}|\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')
          .replaceAll('[!', '[^')}$`,
      );
      const found: string[] = [];
      for (const path of paths) {
        const names = (await host.list(path || '/')).filter((name) => !name.startsWith('.') && like.test(name));
        found.push(...names.map((name) => `${path}/${name}`));
      }
      paths = found;
    }
  }
  return paths;
}

/**
 * Splits a text as nginx does (ngx_conf_read_token): arguments separated by blanks, quotes, comments to the end of the
 * line.
 */
function* directivesOf(text: string): Generator<Directive> {
  let args: string[] = [];
  let line = 1;
  let began = 1;
  for (let at = 0; at < text.length; ) {
    const sign = text[at] ?? '';
    if (/\s/.test(sign)) {
      if (sign === '\n') line += 1;
      at += 1;
    } else if (sign === '#') at = endOf(text, '\n', at);
    else if (sign === ';' || sign === '{' || sign === '}') {
      if (args.length > 0 || sign !== ';') yield { args, line: began, opens: sign === '{' };
      args = [];
      at += 1;
    } else {
      if (args.length === 0) began = line;
      const [argument, end] = argumentAt(text, at);
      args.push(argument);
      line += text.slice(at, end).split('\n').length - 1;
      at = end;
    }
  }
}

/** The argument that begins at a position, and where it ends. */
function argumentAt(text: string, at: number): [argument: string, end: number] {
  const quote = text[at] === '"' || text[at] === "'" ? text[at] : undefined;
  let argument = '';
  for (let place = quote ? at + 1 : at; place < text.length; place += 1) {
    const sign = text[place] ?? '';
    if (sign === '\\') {
      const next = text[place + 1] ?? '';
      // Before other characters the backslash stays: it is part of an expression.
      argument += /["'\\]/.test(next) ? next : `\\${next}`;
      place += 1;
    } else if (quote ? sign === quote : /[\s;]/.test(sign) || (sign === '{' && text[place - 1] !== '$')) {
      return [argument, quote ? place + 1 : place];
    } else argument += sign;
  }
  return [argument, text.length];
}

const endOf = (text: string, sign: string, from: number): number => {
  const at = text.indexOf(sign, from);
  return at < 0 ? text.length : at;
};
