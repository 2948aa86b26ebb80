import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { render } from 'ink-testing-library';
import { createElement } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { standardProgram } from '../../src/provision/standard.ts';
import { App } from '../../src/screens/app.tsx';
import { makeTheme } from '../../src/screens/theme.ts';
import { createConsole } from '../../src/state/store/console.ts';
import { until } from '../support/open-store.ts';
import { registry } from '../support/registry.ts';
import { seedInventory } from '../support/seed-inventory.ts';

// What Ink makes of the console's component; the whole program on a real terminal is tried in test/e2e.
const theme = makeTheme({ tones: 'mono', ascii: false, links: false });
const control = { copy: () => true, aside: () => {}, isPaste: () => false };
let close = (): void => {};
afterEach(() => close());

/** The console's component over a furnished root. The library's own terminal has a hundred columns. */
function openApp(columns = 80, rows = 24) {
  const root = mkdtempSync(join(tmpdir(), 'aegir-app-'));
  const { db, paths } = seedInventory(root, { sites: 6 });
  const store = createConsole({
    registry,
    queue: undefined,
    paths,
    version: '0',
    loadProgram: async () => standardProgram,
  });
  store.resize(columns, rows);
  const shown = render(createElement(App, { store, theme, control }));
  close = () => {
    shown.unmount();
    store.stop();
    db.close();
    rmSync(root, { recursive: true, force: true });
  };
  const frame = (): string[] => stripVTControlCharacters(shown.lastFrame() ?? '').split('\n');
  return { store, frame, text: () => frame().join('\n'), type: (keys: string) => shown.stdin.write(keys) };
}

describe('the component of the console', () => {
  it('draws as many lines as the screen has, none of them wider, and the keys below', async () => {
    const { frame, text } = openApp();
    await until(() => text().includes('wiki.example.test'));
    expect(frame()).toHaveLength(24);
    expect(Math.max(...frame().map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(frame().at(-1)).toContain('? help');
  });

  it('control every key to the store and shows what it does', async () => {
    const { text, type } = openApp();
    type('/');
    type('wiki');
    await until(() => text().includes('/wiki'));
    expect(text()).not.toContain('blog.example.test');
  });

  it('says what it needs on a screen that is too small, and draws again on one that is not', async () => {
    const { store, frame, text } = openApp(50, 10);
    await until(() => text().includes('Needed: 60 x 15'));
    expect(text()).toContain('There is: 50 x 10');
    store.resize(90, 20);
    await until(() => text().includes('wiki.example.test'));
    expect(frame()).toHaveLength(20);
  });
});
