import { findTask, listTasks } from '../../src/db/tasks.ts';
import { logLook } from '../../src/state/log/lines.ts';
import { logRange } from '../../src/state/log/view.ts';
import type { LogLook, LogView } from '../../src/state/model/log.ts';
import {
  type ConsoleState,
  currentDialog,
  currentPage,
  type Dialog,
  type PageKind,
} from '../../src/state/model/state.ts';
import { currentDefinition, currentTab } from '../../src/state/pages/definition.ts';
import { idUnderCursor, shownList } from '../../src/state/pages/list.ts';
import { comparedPlatforms } from '../../src/state/tables/compare-table.ts';
import type { Seeded } from '../support/seed-inventory.ts';
import { BATCH, type Told } from '../support/walk.ts';

/** What a key did: the state before and after it, what the world was told, the inventory. */
export interface Seen {
  before: ConsoleState;
  after: ConsoleState;
  told: readonly Told[];
  db: Seeded['db'];
}

/** What a command is for. */
export interface Expected {
  /** Keys before it, so that there is something to do; of a view or log alone where that is said. */
  first?: readonly string[];
  firstOn?: 'list' | 'log' | 'view';
  /** A `:` line before it. */
  line?: string;
  /** The words behind it on the `:` line, where it has no key. */
  given?: string;
  holds(seen: Seen): boolean;
}

type Of<K extends Dialog['kind']> = Extract<Dialog, { kind: K }>;

const when = (holds: (seen: Seen) => boolean, more: Omit<Expected, 'holds'> = {}): Expected => ({ ...more, holds });

/** It opens a dialog of a kind, and nothing else. */
const opens = <K extends Dialog['kind']>(kind: K, is: (dialog: Of<K>, seen: Seen) => boolean, more = {}): Expected =>
  when((seen) => {
    const dialog = currentDialog(seen.after);
    return seen.after.dialogs.length === 1 && dialog?.kind === kind && is(dialog as Of<K>, seen);
  }, more);

const asks = (title: RegExp, more = {}): Expected =>
  opens('confirm', (dialog) => title.test(dialog.title) && dialog.selected === 0, more);
const fills = (type: string): Expected => opens('form', ({ form }) => form.definition.type === type);
const newest = ({ db }: Seen) => listTasks(db, { limit: 1 })[0];
const queues = (type: string): Expected =>
  when((seen) => newest(seen)?.type === type && seen.after.lastQueued.includes(newest(seen)?.id ?? 0));
const isCancelled = ({ db }: Seen, id = 0): boolean => findTask(db, id)?.cancelRequestedAt !== null;
const pageOf = ({ after }: Seen) => currentPage(after);
const shows = (kind: PageKind, given: string): Expected =>
  when((seen) => pageOf(seen).kind === kind && pageOf(seen).name === given, { given });
const views = (kind: PageKind): Expected => when((seen) => pageOf(seen).kind === kind && seen.after.pages.length === 1);
const hands = (what: object): Expected =>
  when(({ told }) => told.some((one) => one.kind === 'hand' && same({ ...one.what, uri: '' }, { uri: '', ...what })));
const same = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);
const canonical = (value: unknown): string =>
  JSON.stringify(Object.entries(value as object).sort(([one], [other]) => (one < other ? -1 : 1)));

/** The cursor of a list, or the line of a log that keys act on, goes as far as is said; neither leaves what is there. */
function goes(step: (height: number) => number): Expected {
  const holds = ({ before, after }: Seen): boolean => {
    const [list, moved] = [shownList(before), shownList(after)];
    if (list && moved) {
      const wanted = Math.max(0, Math.min(list.cursor + step(list.height), list.rows.length - 1));
      return list.rows.length === 0 ? moved.cursor === list.cursor : moved.cursor === wanted;
    }
    const { first, end, height } = logRange(before);
    const wanted = (logOf(before).cursor ?? end - 1) + step(height);
    // At its end a log follows.
    if (step(height) > 0 && wanted >= end - 1) return logOf(after).cursor === undefined;
    return end <= first || logOf(after).cursor === Math.max(first, wanted);
  };
  return { first: ['g', 'j', 'j', 'j'], holds };
}

const logOf = (state: ConsoleState): LogView => currentPage(state).log;
const lineAt = (state: ConsoleState, place = logOf(state).cursor ?? state.data.log.end - 1) =>
  state.data.log.lines[place - state.data.log.from];
const says = (state: ConsoleState, text: string): boolean => state.notice?.text.includes(text) === true;
const withLog = (seen: Seen, none: string, holds: () => boolean): boolean =>
  seen.before.data.log.total === 0 || currentPage(seen.before).kind === 'file' ? says(seen.after, none) : holds();
const looks = (flag: keyof LogLook): Expected =>
  when(({ before, after }) => logLook(after)[flag] === !logLook(before)[flag]);

const tabOf = (state: ConsoleState): string => {
  const { kind } = currentPage(state);
  const tab = currentTab(state);
  return tab ? `${kind}.${tab.id}` : kind;
};
const turns = (by: number): Expected =>
  when(({ before, after }) => {
    const { kind, tab } = currentPage(before);
    const count = currentDefinition(before).tabs?.length ?? 1;
    return currentPage(after).kind === kind && currentPage(after).tab === (tab + by + count) % count;
  });

/** The page that a row of a list or tab opens. */
const rowPages: Record<string, PageKind> = {
  ...{ sites: 'site', platforms: 'platform', servers: 'server', tasks: 'task', backups: 'backup' },
  ...{ 'platform.sites': 'site', 'site.backups': 'backup', 'site.logs': 'log' },
  ...{ 'site.tasks': 'task', 'platform.tasks': 'task', 'server.tasks': 'task', 'batch.tasks': 'task' },
};
function opensRow(seen: Seen): boolean {
  const tab = tabOf(seen.before);
  const id = idUnderCursor(shownList(seen.before)) ?? '';
  if (tab === 'site.settings' && id.startsWith('/'))
    return pageOf(seen).kind === 'file' && pageOf(seen).name.endsWith(` ${id}`);
  if (['server.doctor', 'compare.moves', 'site.settings'].includes(tab))
    return currentDialog(seen.after)?.kind === 'confirm';
  if (tab === 'clients') return pageOf(seen).kind === 'sites' && pageOf(seen).list.filter === `client:=${id}`;
  return pageOf(seen).kind === rowPages[tab] && pageOf(seen).name === id;
}

const targetOf = ({ before }: Seen): string => currentPage(before).name || (idUnderCursor(shownList(before)) ?? '');
/** What esc clears, one a key: filter, marks, search. */
const narrowed = (state: ConsoleState): readonly boolean[] => {
  const { list, log } = currentPage(state);
  return [list.filter !== '', list.marks.size > 0, log.search !== ''];
};
const queued = { line: 'site-verify wiki.example.test' };

/** What each command of the console does, by its id. What has no entry fails the walk. */
export const expected: Readonly<Record<string, Expected>> = {
  down: goes(() => 1),
  up: goes(() => -1),
  'page-down': goes((height) => height),
  'page-up': goes((height) => -height),
  'half-down': goes((height) => Math.ceil(height / 2)),
  'half-up': goes((height) => -Math.ceil(height / 2)),
  first: goes(() => -1e9),
  last: goes(() => 1e9),
  open: when(opensRow),
  'next-tab': turns(1),
  'previous-tab': turns(-1),
  mark: when(({ before, after }) => {
    const [id = '', list] = [idUnderCursor(shownList(before)), shownList(before)];
    const next = Math.min((list?.cursor ?? 0) + 1, (list?.rows.length ?? 1) - 1);
    return currentPage(after).list.marks.has(id) && shownList(after)?.cursor === next;
  }),
  'mark-all': when(({ after }) => currentPage(after).list.marks.size === shownList(after)?.rows.length),
  sort: when(({ before, after }) => {
    const column = (currentPage(before).list.sort?.column ?? -1) + 1;
    const wanted = column < (shownList(before)?.table.sortable ?? 0) ? { column, descending: false } : undefined;
    return JSON.stringify(currentPage(after).list.sort) === JSON.stringify(wanted);
  }),
  reverse: when(({ before, after }) => {
    const { column = 0, descending = false } = currentPage(before).list.sort ?? {};
    return same(currentPage(after).list.sort ?? {}, { column, descending: !descending });
  }),

  follow: when(
    ({ before, after }) =>
      (logOf(before).cursor === undefined) !== (logOf(after).cursor === undefined) || before.data.log.total === 0,
  ),
  search: opens('search', ({ edit }, { before }) => edit.text === logOf(before).search),
  'next-match': when(({ before, after }) => logOf(after).cursor === (logOf(before).cursor ?? 0) + 1, {
    first: ['/', ...'line', 'enter', 'g'],
    firstOn: 'log',
  }),
  'previous-match': when(({ before, after }) => logOf(after).cursor === (logOf(before).cursor ?? 0) - 1, {
    first: ['/', ...'line', 'enter', 'g', 'j', 'j'],
    firstOn: 'log',
  }),
  'next-error': when(
    (seen) =>
      withLog(seen, 'No more errors', () => {
        const { before, after } = seen;
        return lineAt(after)?.level === 'error' && (logOf(after).cursor ?? 0) > (logOf(before).cursor ?? 0);
      }),
    { first: ['g'] },
  ),
  'previous-error': when(
    (seen) =>
      withLog(seen, 'No more errors', () => {
        const { before, after } = seen;
        return lineAt(after)?.level === 'error' && (logOf(after).cursor ?? before.data.log.end) < before.data.log.end;
      }),
    { first: ['G'] },
  ),
  level: when(({ after }) => logOf(after).filter === 'warnings'),
  'mark-line': when(({ before, after }) => same([...logOf(after).marks], [lineAt(before)?.number])),
  'next-mark': when(
    ({ before, after }) =>
      logOf(before).marks.has(lineAt(after)?.number ?? NaN) && logOf(after).cursor === before.data.log.first,
    { first: ['g', 'm', 'j', 'j'], firstOn: 'log' },
  ),
  copy: when(({ before, told }) =>
    told.some((one) => one.kind === 'copy' && one.text.endsWith(lineAt(before)?.text ?? '?')),
  ),
  'line-whole': opens(
    'confirm',
    ({ title, lines }, { before }) =>
      title === 'The whole line' && lines.join(' ').endsWith(lineAt(before)?.text ?? '?'),
  ),
  save: opens('file', ({ title }) => title === 'Save to:'),
  wrap: looks('wrap'),
  timestamps: looks('timestamps'),
  'whole-log': when(({ before, after }) => logOf(after).whole === !logOf(before).whole),

  cancel: when((seen) => {
    const id = Number(targetOf(seen));
    if (seen.before.data.running.some((task) => task.id === id))
      return asks(/^Cancel verify new\.example\.test\?$/).holds(seen);
    return isCancelled(seen, id);
  }),
  retry: when((seen) => {
    const id = Number(targetOf(seen));
    if (findTask(seen.db, id)?.unfinished) return says(seen.after, 'Fix the cause, then run: aegir task recover');
    return newest(seen)?.retryOf === id;
  }),
  recover: when((seen) => findTask(seen.db, Number(targetOf(seen)))?.recoverRequestedAt !== null),

  'backup-restore': opens(
    'form',
    ({ form }, seen) => form.definition.type === 'site.restore' && form.values.backup?.text === targetOf(seen),
  ),
  'backup-new-site': opens(
    'form',
    ({ form }, seen) => form.definition.type === 'site.import' && form.values.backup?.text === targetOf(seen),
  ),
  // The seeded ones have no files, which it says.
  'backup-check': when(({ before, after }) => {
    const said = after.said.slice(before.said.length).map(({ text }) => text);
    return said.length > 1 && /^Reading .* back…$/.test(said[0] ?? '');
  }),
  'backup-export': opens('file', ({ title, edit }, seen) => {
    return title === 'Export to:' && edit.text.endsWith(`/${targetOf(seen)}.tar`);
  }),
  'backup-import': opens('file', ({ title, edit }) => title === 'Take in the file:' && edit.text === ''),
  'backup-delete': opens('confirm', ({ title, lines, selected }, seen) => {
    return title === 'Delete the backup?' && selected === 0 && lines.includes(`  ${targetOf(seen)}`);
  }),

  'client-add': fills('client.add'),
  'client-edit': opens('form', ({ form }) => form.definition.type === 'client.edit' && form.objects[0] === 'admin'),
  'client-remove': asks(/^Remove client admin\?$/),

  compare: when((seen) => {
    const dialog = currentDialog(seen.after);
    const name = targetOf(seen);
    if (!name.startsWith('wp-')) return says(seen.after, 'There is no other ready platform of its CMS');
    return dialog?.kind === 'palette' && dialog.entries.every((entry) => entry.name.startsWith(`${name} wp-`));
  }),
  move: opens('confirm', ({ title }, { before }) => {
    const { from, to } = comparedPlatforms(currentPage(before).name);
    return title.startsWith('Move ') && title.endsWith(` from ${from} to ${to}?`);
  }),
  batch: when(
    (seen) => {
      if (!seen.before.setUp) return says(seen.after, 'There is no batch');
      return pageOf(seen).kind === 'batch' && pageOf(seen).name === BATCH;
    },
    { given: BATCH },
  ),
  'batch-cancel': asks(/^Cancel 2 tasks\?$/),
  'batch-retry': when((seen) => newest(seen)?.retryOf !== null && newest(seen)?.batch === BATCH),
  'batch-failed': when(
    (seen) => pageOf(seen).list.filter === 'state:failed' && shownList(seen.after)?.rows.length === 1,
  ),

  shell: hands({ kind: 'shell' }),
  exec: hands({ kind: 'exec', line: '' }),
  database: hands({ kind: 'database' }),
  edit: when((seen) => {
    const dialog = currentDialog(seen.after);
    if (targetOf(seen).split(' ')[0] !== 'shop.example.test') return says(seen.after, 'are not there, or only root');
    return dialog?.kind === 'confirm' && dialog.title === 'Which file of shop.example.test?';
  }),

  'verify-check': opens(
    'plan',
    ({ title, ofForm }, seen) => title === `What verifying ${targetOf(seen)} would change` && !ofForm,
  ),
  'alias-add': opens('form', ({ form }) => form.definition.type === 'site.alias' && form.current === 'add'),
  'alias-remove': opens('form', ({ form }) => form.values.remove?.text === 'www.shop.example.test', {
    first: ['G'],
    firstOn: 'list',
  }),

  sites: views('sites'),
  platforms: views('platforms'),
  servers: views('servers'),
  tasks: views('tasks'),
  backups: views('backups'),
  clients: views('clients'),
  site: shows('site', 'blog.example.test'),
  platform: shows('platform', 'wp-6.9'),
  server: shows('server', 'server_master'),
  task: shows('task', '1'),
  backup: shows('backup', 'shop.example.test-20261122T030000Z-0a1b2c'),
  log: when((seen) => pageOf(seen).kind === 'task' && pageOf(seen).name === '2' && pageOf(seen).log.whole, {
    given: '2',
  }),
  'last-task': when((seen) => pageOf(seen).kind === 'task' && pageOf(seen).name === String(newest(seen)?.id), queued),
  filter: opens('filter', ({ edit }, { before }) => edit.text === currentPage(before).list.filter),
  line: opens('line', ({ edit }) => edit.text === ''),
  palette: opens('palette', ({ entries }) => entries.some(({ kind }) => kind === 'command')),
  tour: opens('tour', ({ step }) => step === 0),
  help: opens('help', ({ edit }) => edit.text === ''),
  back: when(
    ({ before, after }) => {
      const first = narrowed(before).indexOf(true);
      if (first < 0) return after.pages.length === Math.max(1, before.pages.length - 1);
      return same(narrowed(after), narrowed(before).with(first, false)) && after.pages.length === before.pages.length;
    },
    { first: ['a'], firstOn: 'view' },
  ),
  quit: when(({ before, after }) =>
    before.pages.length > 1 ? after.pages.length === before.pages.length - 1 : after.exit?.reason === 'quit',
  ),
  undo: when((seen) => isCancelled(seen, newest(seen)?.id) && seen.after.lastQueued.length === 0, queued),
  messages: opens(
    'confirm',
    ({ title, lines }) => title === 'What was said' && lines[0]?.includes('no command "nosuch"') === true,
    { line: 'nosuch' },
  ),
  options: when(({ after }) => after.withOptions),
  refresh: when(({ told }) => told.some(({ kind }) => kind === 'probe')),
  reopen: when(({ after }) => after.exit?.reason === 'reopen'),
  suspend: when(({ told }) => told.some(({ kind }) => kind === 'suspend')),

  try: when(({ told }) => told.some((one) => one.kind === 'set up' && one.as === 'trial')),
  setup: asks(/^Set this machine up as a server\?$/),
  mend: asks(/^Let setup mend this server\?$/),

  'server-verify': queues('server.verify'),
  'server-restart': fills('server.restart'),
  'test-services': opens('confirm', ({ title }) => title === 'All services take their configuration'),
  'platform-add': fills('platform.add'),
  'platform-verify': queues('platform.verify'),
  'platform-lock': fills('platform.lock'),
  'platform-unlock': queues('platform.unlock'),
  'platform-delete': opens('typed', ({ title, expected: name }) => title === `Delete platform ${name}?`),
  'site-install': fills('site.install'),
  'site-verify': queues('site.verify'),
  'site-login': queues('site.login'),
  'site-backup': queues('site.backup'),
  'site-restore': fills('site.restore'),
  'site-clone': opens(
    'form',
    ({ form }, seen) => form.definition.type === 'site.clone' && form.values.source?.text === siteOf(seen),
  ),
  'site-import': fills('site.import'),
  'site-migrate': fills('site.migrate'),
  'site-back': asks(/^Go back site shop\.example\.test\?$/),
  'site-forget': asks(/^.* site shop\.example\.test\?$/),
  'site-enable': queues('site.enable'),
  'site-disable': asks(/^Disable site .*\?$/),
  'site-cron': queues('site.cron'),
  'site-update': queues('site.update'),
  'site-rename': fills('site.rename'),
  'site-alias': fills('site.alias'),
  'site-redirect': fills('site.redirect'),
  'site-set': fills('site.set'),
  'site-lock': fills('site.lock'),
  'site-unlock': queues('site.unlock'),
  'site-delete': asks(/^Delete site .*: make a backup first\?/),
};

const siteOf = (seen: Seen): string => targetOf(seen);
