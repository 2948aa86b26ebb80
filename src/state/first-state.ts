import { hostname } from 'node:os';
import type { Inventory } from '../db/inventory.ts';
import { listServers } from '../db/servers.ts';
import type { ConsoleDeps } from './console.ts';
import { emptyData } from './data-model.ts';
import { firstLooks } from './log-model.ts';
import { type ConsoleState, emptyPage } from './model.ts';
import { pagesOf, readSession, type SavedSession } from './session.ts';

/** What the console knows before it has read anything. */
export function firstState(deps: ConsoleDeps, db: Inventory | undefined): ConsoleState {
  const blank: ConsoleState = {
    columns: 80,
    rows: 24,
    resizes: 0,
    now: Date.now(),
    hostName: deps.hostName ?? hostname(),
    version: deps.version,
    readOnly: deps.readOnly ?? deps.queue?.readOnly ?? false,
    setUp: false,
    asRoot: process.getuid?.() === 0,
    canSetUp: deps.runSetup !== undefined,
    data: emptyData,
    pages: [emptyPage('home')],
    kept: {},
    dialogs: [],
    notice: undefined,
    ended: undefined,
    services: [],
    machine: undefined,
    findings: undefined,
    lastQueued: [],
    own: [],
    withOptions: false,
    said: [],
    drafts: {},
    lineHistory: [],
    logLooks: firstLooks,
    catalogue: undefined,
    exit: undefined,
  };
  const first = withServers(blank, db);
  return deps.sessionFile && first.setUp ? asLeft(first, readSession(deps.sessionFile)) : first;
}

/** The console as it was left; a first start offers the tour. */
function asLeft(state: ConsoleState, saved: SavedSession | undefined): ConsoleState {
  const text = 'New here? Type :tour and enter for a guided tour; ? shows all keys.';
  if (!saved) return { ...state, notice: { text, tone: 'accent', at: Date.now() } };
  const kept = pagesOf(saved);
  const { view, lineHistory, logLooks } = saved;
  return { ...state, kept, lineHistory, logLooks, pages: [kept[view ?? 'sites'] ?? emptyPage('sites')] };
}

/** Leaves Home for the sites as soon as the inventory names a server. */
export function withServers(state: ConsoleState, db: Inventory | undefined): ConsoleState {
  const setUp = db !== undefined && listServers(db).length > 0;
  const home = state.pages.length === 1 && state.pages[0]?.kind === 'home';
  return { ...state, setUp, pages: setUp && home ? [emptyPage('sites')] : state.pages };
}
