import type { ServedElsewhere } from '../service.ts';
import type { ServerBlock } from './nginx-read.ts';

/**
 * Finds foreign vhosts that serve a name, worst first, by the rules of nginx's "Server names" and "How nginx processes
 * a request": a vhost that listens on one address wins over those that listen on all; then an exact name wins over a
 * wildcard, a longer wildcard over a shorter one, and both over an expression; among equals the first one read wins.
 */
export function servedBy(name: string, blocks: readonly ServerBlock[], listen: readonly string[]): ServedElsewhere[] {
  const found = blocks.flatMap(({ file, line, names, listens, first }) => {
    const claims = names.flatMap(plainNames).map((claim) => ({ claim, relation: relationOf(name, claim) }));
    const socket = closest(listens, listen);
    return claims.flatMap(({ claim, relation }): ServedElsewhere[] => {
      const how = relation && socket && outcome(relation, socket, first);
      return how ? [{ name, claim, file, line, how }] : [];
    });
  });
  return found.toSorted((one, other) => worst.indexOf(one.how) - worst.indexOf(other.how));
}

const worst: readonly ServedElsewhere['how'][] = ['theirs', 'taken', 'pattern', 'part', 'port'];

/**
 * `same`: the same name; `covers`: the claim is a pattern that matches the name; `part`: the name is a pattern that
 * matches the claim.
 */
type Relation = 'same' | 'covers' | 'part';
/** `same`: the addresses that we listen on; `within`: one of them; `port`: another port. */
type Socket = 'within' | 'same' | 'port';

function outcome(relation: Relation, socket: Socket, first: boolean): ServedElsewhere['how'] | undefined {
  if (socket === 'port') return relation === 'same' ? 'port' : undefined;
  if (relation === 'part') return 'part';
  if (socket === 'within') return 'theirs';
  if (relation === 'covers') return 'pattern';
  return first ? 'theirs' : 'taken';
}

/** The names of a server_name argument; none if no visitor can request it. */
function plainNames(given: string): string[] {
  if (given.startsWith('~')) return [given];
  const name = given.toLowerCase().replace(/\.$/, '');
  if (name === '' || name === '_' || name.startsWith('$')) return [];
  return name.startsWith('.') ? [name.slice(1), `*${name}`] : [name];
}

function relationOf(name: string, claim: string): Relation | undefined {
  if (name === claim) return 'same';
  if (covers(claim, name)) return 'covers';
  return covers(name, claim) ? 'part' : undefined;
}

function covers(pattern: string, name: string): boolean {
  if (pattern.startsWith('~')) return !name.startsWith('*') && expressionMatches(pattern.slice(1), name);
  if (pattern.startsWith('*.')) return name.endsWith(pattern.slice(1));
  return pattern.endsWith('.*') && !name.startsWith('*') && name.startsWith(pattern.slice(0, -1));
}

/** PCRE also allows `P` in named groups; other syntax that JavaScript lacks matches nothing here. */
function expressionMatches(expression: string, name: string): boolean {
  try {
    return new RegExp(expression.replaceAll('(?P<', '(?<'), 'i').test(name);
  } catch {
    return false;
  }
}

function closest(theirs: readonly string[], ours: readonly string[]): Socket | undefined {
  const own = ours.map(socketOf).filter((socket) => socket !== undefined);
  const found = theirs.map(socketOf).filter((socket) => socket !== undefined);
  const onPort = found.filter(({ port }) => own.some((one) => one.port === port));
  if (onPort.length === 0) return found.length > 0 ? 'port' : undefined;
  const within = onPort.some(
    ({ address, port }) =>
      !isAll(address) &&
      own.some(
        (one) => one.port === port && isAll(one.address) && one.address.startsWith('[') === address.startsWith('['),
      ),
  );
  return within ? 'within' : 'same';
}

const isAll = (address: string): boolean => address === '*' || address === '[::]';

/** Address and port of a listen directive; undefined for a Unix socket. */
function socketOf(listen: string): { address: string; port: number } | undefined {
  if (listen.startsWith('unix:')) return undefined;
  const [, address, port] = /^(?:(\[[^\]]*\]|[^:[\]]*[^\d:[\]][^:[\]]*|\d+\.[\d.]+):?)?(\d+)?$/.exec(listen) ?? [];
  const named = address === undefined || address === '0.0.0.0' ? '*' : address;
  return { address: named, port: Number(port ?? 80) };
}
