import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { standardProgram } from '../../../src/provision/standard.ts';
import { withKeysTable } from '../../../src/state/commands/keys-table.ts';
import { registry } from '../../support/registry.ts';

it('the page of keys names what the command registry holds', () => {
  const page = readFileSync(new URL('../../../docs/keys.md', import.meta.url), 'utf8');
  expect(page).toBe(withKeysTable(page, registry, standardProgram.tasks.list));
});
