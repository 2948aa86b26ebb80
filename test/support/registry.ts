import { makeRegistry } from '../../src/state/commands/registry.ts';
import { standardPages } from '../../src/state/pages/kinds/standard.ts';

/** What every console is made of. */
export const registry = makeRegistry(standardPages);
