import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { standardProgram } from '../../src/provision/standard.ts';
import type { ConsoleDeps, ConsoleStore, TerminalPort } from '../../src/state/model/store.ts';
import { createConsole } from '../../src/state/store/console.ts';
import { registry } from './registry.ts';
import { type Seeded, seedInventory } from './seed-inventory.ts';

/** The console without a screen, over a root of its own. */
export interface OpenStore {
  store: ConsoleStore;
  seeded: Seeded;
  root: string;
  press(...keys: string[]): void;
  type(text: string): void;
  /** Leaves it and opens it again over the same root. */
  again(): Promise<void>;
}

const noTerminal: TerminalPort = { stepAside: (work) => work(), stopProcess: async () => {}, copy: () => true };

/** Opens the console over a fresh root and waits for what is loaded behind the first frame. */
export async function openStore(
  deps: Partial<ConsoleDeps> = {},
  sites = 40,
  terminal: Partial<TerminalPort> = {},
): Promise<OpenStore> {
  const root = mkdtempSync(join(tmpdir(), 'aegir-state-'));
  const seeded = seedInventory(root, { sites });
  const { db: inventory, paths } = seeded;
  const queue = { inventory, paths, actor: { actor: 'root', sudoUser: null, sshClient: null }, readOnly: false };
  const create = (): ConsoleStore =>
    createConsole({ registry, queue, paths, version: '0', loadProgram: async () => standardProgram, ...deps });
  const start = async (store: ConsoleStore): Promise<void> => {
    store.start({ ...noTerminal, ...terminal });
    await loaded(store);
  };
  const open = { store: create(), seeded, root };
  // Before it is waited for: a test whose time is over leaves nothing either. No hook of this module: files of tests share
  // a process, and it would be one of the first file alone.
  onTestFinished(() => {
    open.store.stop();
    seeded.db.close();
    rmSync(root, { recursive: true, force: true });
  });
  await start(open.store);
  const press = (...keys: string[]): void => {
    for (const key of keys) open.store.press(key);
  };
  return {
    ...open,
    get store() {
      return open.store;
    },
    press,
    type: (text) => press(...text),
    async again() {
      open.store.stop();
      open.store = create();
      await start(open.store);
    },
  };
}

/** Resolves when the state is as asked; throws when it is not within three seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 300 && !holds(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, tries < 20 ? 1 : 10));
  if (!holds()) throw new Error('it did not come to that within three seconds');
}

const loaded = (store: ConsoleStore): Promise<void> => until(() => store.getState().catalogue !== undefined);
