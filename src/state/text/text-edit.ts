/** A line of text being edited. `cursor` is an offset in UTF-16 units, always between two graphemes. */
export interface TextEdit {
  text: string;
  cursor: number;
}

/** A line of text with the cursor behind it. */
export const editText = (text: string): TextEdit => ({ text, cursor: text.length });

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Applies a key to a line of text; undefined when the key does not edit. Keys are named as in keys.ts. */
export function applyEditKey(edit: TextEdit, key: string): TextEdit | undefined {
  const known = editKeys[key];
  if (known) return known(edit);
  return isTyped(key) ? insertText(edit, key) : undefined;
}

/** Puts typed or pasted text at the cursor; line ends become spaces. */
export function insertText({ text, cursor }: TextEdit, added: string): TextEdit {
  const flat = added.replaceAll(/[\r\n\t]+/g, ' ').replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '');
  return { text: text.slice(0, cursor) + flat + text.slice(cursor), cursor: cursor + flat.length };
}

/** True for a key that stands for the character it types. */
export const isTyped = (key: string): boolean => key === 'space' || [...segmenter.segment(key)].length === 1;

/** What stands before, under and behind the cursor; a space is under it at the end. */
export function partsAtCursor({ text, cursor }: TextEdit): { left: string; under: string; right: string } {
  const end = after(text, cursor);
  return { left: text.slice(0, cursor), under: text.slice(cursor, end) || ' ', right: text.slice(end) };
}

const editKeys: Record<string, (edit: TextEdit) => TextEdit> = {
  space: (edit) => insertText(edit, ' '),
  left: ({ text, cursor }) => ({ text, cursor: before(text, cursor) }),
  right: ({ text, cursor }) => ({ text, cursor: after(text, cursor) }),
  home: ({ text }) => ({ text, cursor: 0 }),
  end: ({ text }) => editText(text),
  'ctrl-a': ({ text }) => ({ text, cursor: 0 }),
  'ctrl-e': ({ text }) => editText(text),
  backspace: ({ text, cursor }) => cut(text, before(text, cursor), cursor),
  delete: ({ text, cursor }) => cut(text, cursor, after(text, cursor)),
  'ctrl-u': ({ text, cursor }) => cut(text, 0, cursor),
  'ctrl-k': ({ text, cursor }) => cut(text, cursor, text.length),
  'ctrl-w': ({ text, cursor }) => cut(text, text.slice(0, cursor).search(/\S*\s*$/), cursor),
};

const cut = (text: string, from: number, to: number): TextEdit => ({
  text: text.slice(0, from) + text.slice(to),
  cursor: from,
});

function before(text: string, cursor: number): number {
  const last = [...segmenter.segment(text.slice(0, cursor))].at(-1);
  return last?.index ?? 0;
}

function after(text: string, cursor: number): number {
  const [next] = segmenter.segment(text.slice(cursor));
  return cursor + (next?.segment.length ?? 0);
}
