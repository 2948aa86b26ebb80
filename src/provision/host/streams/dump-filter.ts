import type { Transform } from 'node:stream';
import { AegirError } from '../../model/errors.ts';
import { nearestCollation } from './nearest-collation.ts';
import { sqlStatements } from './sql-statements.ts';

/** How a dump is made fit for the database of a site. */
export interface DumpOptions {
  /** The collations that the server knows; without them all stay. */
  collations?: readonly string[] | undefined;
  /** Receives what was changed, each once. */
  note?: ((text: string) => void) | undefined;
}

/**
 * Filters a dump so that it can be loaded into the one database of a site. Rows pass byte for byte; only statements of
 * these kinds change. Left out is what creates, drops or selects a database, and what sets a variable for all of the server or
 * of its replication. The definer of views, triggers, routines and events becomes the account that loads them. Collations
 * that the server lacks become the nearest that it has. Line numbers stay. Fails with `DUMP_UNFIT` on a dump of several
 * databases.
 */
export function dumpFilter({ collations, note = () => {} }: DumpOptions = {}): Transform {
  const known = collations && new Set(collations);
  let database: string | undefined;
  const noted = new Set<string>();
  const noteOnce = (text: string): void => {
    if (!noted.has(text)) note(text);
    noted.add(text);
  };
  return sqlStatements((statement) => {
    if (!isOfConcern(statement)) return statement;
    const tokens = [...tokensOf(statement.toString('latin1'))];
    const code = tokens.filter(({ kind }) => kind === 'word' || kind === 'quoted' || kind === 'sign');
    const selected = selectedDatabase(code);
    if (selected !== undefined && database !== undefined && selected !== database)
      throw severalDatabases(database, selected);
    database = selected ?? database;
    if (selected !== undefined || isLeftOut(code)) return linesOf(statement);
    if (/^DROP$/i.test(code[0]?.text ?? '')) return statement;
    withoutDefiner(code);
    withoutDatabaseName(code);
    if (known) for (const token of code) changeCollation(token, known);
    return Buffer.from(tokens.map(({ text }) => text).join(''), 'latin1');
  });

  function changeCollation(token: Token, known: ReadonlySet<string>): void {
    // Only words can be meant, and what COLLATE names in quotes.
    if (token.kind === 'sign' || (token.kind === 'quoted' && !token.isCollation)) return;
    const name = unquoted(token).toLowerCase();
    const nearest = nearestCollation(name, known);
    if (nearest === undefined) return;
    noteOnce(`this server has no collation ${name}; ${nearest} takes its place`);
    token.text = nearest;
  }
}

/** A piece of a statement. Texts are latin1, so that each character is a byte. */
interface Token {
  kind: 'space' | 'comment' | 'quoted' | 'word' | 'sign';
  text: string;
  /** It follows COLLATE. */
  isCollation?: boolean;
}

const token =
  /(?<space>\s+)|(?<comment>--(?=[\s]|$)[^\n]*|#[^\n]*|\/\*M?!\d*|\*\/|\/\*[\s\S]*?(?:\*\/|$))|(?<quoted>'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'?|"[^"\\]*(?:(?:\\[\s\S]|"")[^"\\]*)*"?|`[^`]*(?:``[^`]*)*`?)|(?<word>[\w$\x80-\xff]+)|(?<sign>[\s\S])/gy;

function* tokensOf(statement: string): Generator<Token> {
  let collates = false;
  for (const found of statement.matchAll(token)) {
    const [kind, text] = Object.entries(found.groups ?? {}).find(([, one]) => one !== undefined) as [
      Token['kind'],
      string,
    ];
    yield { kind, text, isCollation: collates };
    if (kind === 'word') collates = /^COLLATE$/i.test(text);
    else if (kind === 'quoted' || (kind === 'sign' && text !== '=')) collates = false;
  }
}

/** True for the kinds of statement that may change. Others, which may be long, are not read beyond their first word. */
function isOfConcern(statement: Buffer): boolean {
  for (const { kind, text } of tokensOf(statement.toString('latin1')))
    if (kind !== 'space' && kind !== 'comment') return /^(?:USE|CREATE|DROP|ALTER|SET)$/i.test(text);
  return false;
}

const unquoted = ({ kind, text }: Token): string => {
  if (kind !== 'quoted') return text;
  const quote = text[0] ?? '';
  return text.slice(1, -1).replaceAll(quote + quote, quote);
};

/** The database that a statement selects: `USE shop`. */
function selectedDatabase([verb, name]: Token[]): string | undefined {
  return verb?.kind === 'word' && /^USE$/i.test(verb.text) && name ? unquoted(name) : undefined;
}

/**
 * Variables of a session that only administrators may set, or that concern replication: from the manuals of MySQL and
 * MariaDB, "Server System Variables".
 */
const administrators =
  /^(?:sql_log_bin|sql_log_off|gtid_\w+|binlog_\w+|server_id|pseudo_\w+|skip_replication|wsrep_\w+|MYSQLDUMP_TEMP_LOG_BIN|rbr_exec_mode|session_track_gtids|show_create_table_skip_secondary_engine)$/i;

function isLeftOut([verb, ...rest]: Token[]): boolean {
  const words = rest.filter(({ kind }) => kind !== 'sign').map((one) => unquoted(one).toUpperCase());
  const [first = '', second = ''] = words;
  switch (verb?.text.toUpperCase()) {
    case 'CREATE':
      return /^(?:DATABASE|SCHEMA)$/.test(first === 'OR' ? (words[2] ?? '') : first);
    case 'DROP':
      // As dump programs write it before they create the database. What only drops one is for the server to refuse.
      return /^(?:DATABASE|SCHEMA)$/.test(first) && second === 'IF';
    case 'SET':
      return (
        first === 'GLOBAL' ||
        first === 'PERSIST' ||
        administrators.test(first === 'SESSION' || first === 'LOCAL' ? second : first)
      );
    default:
      return false;
  }
}

/** Removes `DEFINER = account` before what is created: an account or role in any quotes, or CURRENT_USER(). */
function withoutDefiner(code: Token[]): void {
  const end = code.findIndex(({ text }) =>
    /^(?:VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE|TABLE|SELECT)$/i.test(text),
  );
  const at = code.findIndex(({ kind, text }) => kind === 'word' && /^DEFINER$/i.test(text));
  if (at === -1 || (end !== -1 && at > end) || code[at + 1]?.text !== '=') return;
  const account = [code[at], code[at + 1], code[at + 2]];
  let next = at + 3;
  if (code[next]?.text === '(') account.push(code[next++], code[next++]);
  if (code[next]?.text === '@') {
    account.push(code[next++], code[next++]);
    // A host without quotes may have several parts: 127.0.0.1.
    while (/^[.%-]$/.test(code[next]?.text ?? '')) account.push(code[next++], code[next++]);
  }
  for (const part of account) if (part) part.text = '';
}

/** `ALTER DATABASE shop CHARACTER SET ...`, around triggers and routines, is about the database at hand. */
function withoutDatabaseName([verb, what, name, then]: Token[]): void {
  if (!/^ALTER$/i.test(verb?.text ?? '') || !/^(?:DATABASE|SCHEMA)$/i.test(what?.text ?? '')) return;
  if (name && then && /^(?:CHARACTER|CHARSET|COLLATE|DEFAULT)$/i.test(then.text)) name.text = '';
}

/** As many lines as a statement had, so that the database names the lines of the dump. */
const linesOf = (statement: Buffer): Buffer => Buffer.alloc(statement.filter((byte) => byte === 10).length, '\n');

const severalDatabases = (one: string, other: string): AegirError =>
  new AegirError(
    'DUMP_UNFIT',
    `the dump contains several databases: ${Buffer.from(one, 'latin1')} and ${Buffer.from(other, 'latin1')}`,
    'Make a dump of the site’s database alone.',
    'dump',
  );
