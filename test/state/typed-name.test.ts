import { afterEach, expect, it, vi } from 'vitest';
import { currentDialog } from '../../src/state/model/state.ts';
import { openStore } from '../support/open-store.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('the name of what would be lost is not pasted at once, and the console says so', async () => {
  const { store, press } = await openStore();
  press('d', 'right', 'enter');
  const typed = (): string => {
    const dialog = currentDialog(store.getState());
    return dialog?.kind === 'typed' ? dialog.edit.text : 'no name is asked for';
  };
  store.paste('blog.example.test');
  expect(typed()).toBe('');
  expect(store.getState().notice?.text).toContain('A paste counts after 2 seconds');
  vi.useFakeTimers({ now: Date.now() + 2100, toFake: ['Date'] });
  store.paste('blog.example.test');
  expect(typed()).toBe('blog.example.test');
});
