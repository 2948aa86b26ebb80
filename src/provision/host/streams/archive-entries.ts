import { Writable } from 'node:stream';
import { Parser, type ReadEntry } from 'tar';
import { AegirError } from '../../model/errors.ts';

/** The only folders that a site's files archive may have at its top. */
const sets = ['files', 'private', 'extensions', 'config'];

/**
 * Checks every entry of a site's files archive before anything is unpacked. Fails with `BACKUP_UNSAFE` for a name or
 * hard link that leads out of the site, for a device, and for a path that goes through a link. Symbolic links
 * themselves are allowed: they are unpacked as the site's user, who gains nothing by them.
 */
export function entryCheck(file: string): Writable {
  const links = new Set<string>();
  let fault: AegirError | undefined;
  const look = (entry: ReadEntry): void => {
    const why = faultOf(entry, links);
    if (why !== undefined) fault ??= unsafe(file, entry.path, why);
    entry.resume();
  };
  const parser = new Parser({ onReadEntry: look });
  parser.on('ignoredEntry', (entry: ReadEntry) => {
    fault ??= unsafe(file, entry.path, 'it has an unknown type');
  });
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      parser.write(chunk);
      done(fault);
    },
    final(done) {
      parser.end();
      done(fault);
    },
  });
}

function faultOf({ path, type, linkpath }: ReadEntry, links: Set<string>): string | undefined {
  if (leadsOut(path)) return 'its name leads out of the site';
  const parts = partsOf(path);
  const [top = '', ...below] = parts;
  if (!sets.includes(top)) return 'it is not in a folder of a site';
  if (below.length === 0 && type !== 'Directory') return 'it replaces a folder of the site';
  if (type === 'CharacterDevice' || type === 'BlockDevice') return 'it is a device';
  if (through(parts, links)) return 'its name goes through a link';
  if (type === 'SymbolicLink') links.add(parts.join('/'));
  if (type !== 'Link') return undefined;
  const target = linkpath ?? '';
  const other = partsOf(target);
  if (leadsOut(target) || !sets.includes(other[0] ?? '') || through([...other, ''], links))
    return `it is a hard link to ${target}, which is not the site’s`;
  return undefined;
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');
const leadsOut = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');
const through = (parts: string[], links: Set<string>): boolean =>
  links.size > 0 && parts.some((_, length) => length > 0 && links.has(parts.slice(0, length).join('/')));

const unsafe = (file: string, name: string, why: string): AegirError =>
  new AegirError('BACKUP_UNSAFE', `${file}: the entry "${name}" is refused: ${why}`, 'Do not trust this backup.');
