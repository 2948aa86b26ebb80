import { afterAll, beforeAll } from 'vitest';
import { openStackRoot, type StackRoot } from './inventory.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';

/** Gives a test file services and an inventory of its own, before its first test; ends them after its last. */
export function onOwnServer(take: (own: { stack: Stack; root: StackRoot }) => void, options: StackOptions = {}): void {
  let stack: Stack | undefined;
  let root: StackRoot | undefined;
  beforeAll(async () => {
    stack = await startStack(options);
    root = openStackRoot(stack);
    take({ stack, root });
  }, 120_000);
  afterAll(async () => {
    root?.inventory.close();
    await stack?.stop();
  });
}
