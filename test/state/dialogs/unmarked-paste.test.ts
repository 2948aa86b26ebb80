import { describe, expect, it } from 'vitest';
import { makePasteGuard } from '../../../src/state/dialogs/unmarked-paste.ts';
import { openStore } from '../../support/open-store.ts';

describe('a paste that the terminal did not mark', () => {
  it.each([
    ['a text', 'delete the old one'],
    ['lines', 'd\ra\rv\r'],
    ['a path and more', '/var/www/html\rddd\r'],
    ['a command line and more', ':sites\rd\rd'],
  ])('is found among the keys of a list: %s', async (_what, text) => {
    const { store } = await openStore();
    expect(makePasteGuard()(text, store.getState())).toBe(true);
  });

  it.each(['j', 'jjjjjjjj', 'jjk\r', 'gg', 'jj21jj2\t\t', 'G k d', ':sites\r', '/shop\rj', 'é', '👩‍👩‍👧'])(
    'is not seen in what is struck fast: %j',
    async (keys) => {
      const { store } = await openStore();
      expect(makePasteGuard()(keys, store.getState())).toBe(false);
    },
  );

  it('may come in pieces', async () => {
    const { store } = await openStore();
    let clock = 0;
    const isPaste = makePasteGuard(() => clock);
    expect(isPaste('delete the old one an', store.getState())).toBe(true);
    clock = 60;
    expect(isPaste('d', store.getState())).toBe(true);
    expect(isPaste('\u0003', store.getState())).toBe(false);
    clock = 200;
    expect(isPaste('d', store.getState())).toBe(false);
  });

  it('is text where text is asked for: a line goes on as keys, several are one text', async () => {
    const { store, press } = await openStore();
    press('/');
    expect(makePasteGuard()('shop\r', store.getState())).toBe(false);
    expect(makePasteGuard()('shop\r\t\tjj', store.getState())).toBe(false);
    expect(makePasteGuard()('shop\rdd\r', store.getState())).toBe(true);
  });

  it('is text in a form too, where short answers may be typed one after the other', async () => {
    const { store, press } = await openStore();
    press('n');
    expect(makePasteGuard()('new.example.org\rwp-6.8\r', store.getState())).toBe(false);
    expect(makePasteGuard()('the first line of a text\rand the second', store.getState())).toBe(true);
  });
});
