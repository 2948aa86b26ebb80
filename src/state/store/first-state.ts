import { hostname } from 'node:os';
import type { Inventory } from '../../db/inventory.ts';
import { listServers, type ServerRow } from '../../db/servers.ts';
import { type Marking, noMarking } from '../../worker/marking.ts';
import { emptyData } from '../model/data.ts';
import { type ConsoleState, emptyPage } from '../model/state.ts';
import type { ConsoleDeps } from '../model/store.ts';
import { NEW_HERE } from '../pages/tour.ts';
import { inPlace } from './place.ts';
import { listViews, pagesOf, readSession, type SavedSession } from './session.ts';

/** What the console knows before it has read anything. */
export function firstState(deps: ConsoleDeps, db: Inventory | undefined): ConsoleState {
  const blank: ConsoleState = {
    registry: deps.registry,
    columns: 80,
    rows: 24,
    resizes: 0,
    now: Date.now(),
    hostName: deps.hostName ?? hostname(),
    version: deps.version,
    readOnly: deps.readOnly ?? deps.queue?.readOnly ?? false,
    marking: deps.marking ?? noMarking,
    setUp: false,
    asRoot: process.getuid?.() === 0,
    canSetUp: deps.runSetup !== undefined,
    data: emptyData,
    pages: [emptyPage('home')],
    kept: {},
    dialogs: [],
    notice: undefined,
    ended: undefined,
    going: [],
    services: [],
    machine: undefined,
    worker: undefined,
    findings: undefined,
    lastQueued: [],
    own: [],
    withOptions: false,
    said: [],
    drafts: {},
    lineHistory: [],
    logLooks: {},
    catalogue: undefined,
    exit: undefined,
    newer: deps.newerProgram?.(),
  };
  const first = withServers(blank, db);
  const left = deps.sessionFile && first.setUp ? asLeft(first, readSession(deps.sessionFile, listViews(first))) : first;
  return deps.placeFile === undefined ? left : inPlace(left, deps.placeFile, db);
}

/** The console as it was left; a first start offers the tour. */
function asLeft(state: ConsoleState, saved: SavedSession | undefined): ConsoleState {
  if (!saved) return { ...state, notice: { text: NEW_HERE, tone: 'accent', at: Date.now() } };
  const kept = pagesOf(saved);
  const { view, lineHistory, logLooks } = saved;
  return { ...state, kept, lineHistory, logLooks, pages: [kept[view ?? 'sites'] ?? emptyPage('sites')] };
}

/** Leaves Home for the sites as soon as the inventory names a server. */
export function withServers(state: ConsoleState, db: Inventory | undefined): ConsoleState {
  const servers = db ? listServers(db) : [];
  const setUp = servers.length > 0;
  const home = state.pages.length === 1 && state.pages[0]?.kind === 'home';
  return {
    ...state,
    setUp,
    marking: markingOf(state, servers),
    pages: setUp && home ? [emptyPage('sites')] : state.pages,
  };
}

/** A trial says that it is one, so that nobody takes it for the server, nor the server for it. */
function markingOf({ marking }: ConsoleState, servers: readonly ServerRow[]): Marking {
  const trial = servers.some(({ uidBase }) => uidBase === 0);
  return trial && marking.label === '' ? { ...marking, label: 'trial', colour: 'green' } : marking;
}
