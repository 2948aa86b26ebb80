import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { buildConsole } from './build-console.ts';
import { type Seeded, seedInventory } from './seed-inventory.ts';
import { startTerminal, type Terminal } from './terminal.ts';

/** Files of tests share a process, so that this has no hooks: they would be those of the first file alone. */
const program = await buildConsole(inject('consoleFolder'));

/** The program that `openConsole` starts. */
export const consoleProgram = (): string => program;

/** Ends a console and removes its root when the test at hand has ended. */
export function endWithTest({ terminal, seeded, root }: { terminal: Terminal; seeded?: Seeded; root: string }): void {
  onTestFinished(async () => {
    try {
      terminal.kill('SIGKILL');
    } catch {
      // It has ended by itself.
    }
    await terminal.exit;
    seeded?.db.close();
    rmSync(root, { recursive: true, force: true });
  });
}

/** What a test may ask for. */
export interface Open {
  cols?: number;
  rows?: number;
  env?: Record<string, string>;
  logLines?: string[];
  empty?: boolean;
  /** What is waited for, where that is not the list of sites. */
  ready?: string | RegExp;
  /** Changes the root before the console is opened on it. */
  prepare?(seeded: Seeded): void;
  /** The console's part of config.json. */
  config?: Record<string, unknown>;
  /** The part of it that marks the machine. */
  server?: Record<string, unknown>;
}

/** Opens the console on a fresh root, in a terminal of its own; both are gone after the test. */
export async function openConsole(options: Open = {}): Promise<{ terminal: Terminal; seeded: Seeded }> {
  const root = mkdtempSync(join(tmpdir(), 'aegir-console-'));
  const seeded = options.empty ? undefined : seedInventory(root, { logLines: options.logLines });
  if (seeded) options.prepare?.(seeded);
  const { cols, rows, env, config, server } = options;
  if (config || server) {
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(join(root, 'etc/config.json'), JSON.stringify({ console: config, server }));
  }
  const terminal = startTerminal({
    command: process.execPath,
    args: [program],
    cols,
    rows,
    env: { AEGIR_ROOT: root, ...env },
  });
  endWithTest({ terminal, seeded, root });
  if (options.ready !== undefined) {
    await terminal.waitFor(options.ready);
    return { terminal, seeded: seeded as Seeded };
  }
  await terminal.waitFor(options.empty ? 'not set up' : (cols ?? 80) < 60 ? 'too small' : 'shop.example.test');
  // The task types arrive behind the first frame.
  if (!options.empty && (cols ?? 80) >= 60) await terminal.waitFor('v verify');
  await terminal.settle();
  return { terminal, seeded: seeded as Seeded };
}
