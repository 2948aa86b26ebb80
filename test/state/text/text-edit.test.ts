import { describe, expect, it } from 'vitest';
import { type KeyFlags, keyNames } from '../../../src/state/text/keys.ts';
import { applyEditKey, editText, insertText, partsAtCursor, type TextEdit } from '../../../src/state/text/text-edit.ts';

const pressed = (edit: TextEdit, ...keys: string[]): TextEdit =>
  keys.reduce((state, key) => applyEditKey(state, key) ?? state, edit);

const none: KeyFlags = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageUp: false,
  pageDown: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
};

describe('a line of text', () => {
  it('takes letters where the cursor is', () => {
    expect(pressed(editText('ac'), 'left', 'b')).toEqual({ text: 'abc', cursor: 2 });
  });
  it('moves over and deletes whole characters, however many code points they have', () => {
    const family = '👩‍👩‍👧';
    expect(pressed(editText(`a${family}`), 'backspace')).toEqual({ text: 'a', cursor: 1 });
    expect(partsAtCursor(pressed(editText(`a${family}b`), 'left', 'left'))).toEqual({
      left: 'a',
      under: family,
      right: 'b',
    });
  });
  it('cuts words and ends of lines', () => {
    expect(pressed(editText('one two  '), 'ctrl-w').text).toBe('one ');
    expect(pressed(editText('one'), 'home', 'ctrl-k').text).toBe('');
    expect(pressed(editText('one'), 'ctrl-u').text).toBe('');
  });
  it('makes one line of what is pasted and drops controls', () => {
    expect(insertText(editText(''), 'a\r\nb\u001b[31mc').text).toBe('a b[31mc');
  });
  it('does not take keys that have a name', () => {
    expect(applyEditKey(editText('x'), 'pgup')).toBeUndefined();
    expect(applyEditKey(editText('x'), 'ctrl-r')).toBeUndefined();
  });
});

describe('keys', () => {
  it('that were struck faster than the line carries them are told apart', () => {
    expect(keyNames('jjk\r', none)).toEqual(['j', 'j', 'k', 'enter']);
    expect(keyNames('\u0013\u0015a\u007f\u0000', none)).toEqual(['ctrl-s', 'ctrl-u', 'a', 'backspace']);
  });
  it('have names', () => {
    expect(keyNames('', { ...none, upArrow: true })).toEqual(['up']);
    expect(keyNames('d', { ...none, ctrl: true })).toEqual(['ctrl-d']);
    expect(keyNames(' ', none)).toEqual(['space']);
    expect(keyNames('', { ...none, tab: true, shift: true })).toEqual(['shift-tab']);
    expect(keyNames('\n', none)).toEqual(['ctrl-enter']);
  });
  it('that are unknown sequences are nothing', () => {
    expect(keyNames('[15~', { ...none, meta: true })).toEqual([]);
  });
});
