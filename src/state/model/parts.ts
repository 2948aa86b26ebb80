/** One thing that the palette offers: something to do, or an object to go to. */
export interface PaletteEntry {
  /** A command, or a kind of page. */
  kind: 'command' | (string & {});
  /** A command's id, or the name that the kind of page makes a page of. */
  name: string;
  /** What is searched and shown. */
  text: string;
  about: string;
}

/** A line of a plan. */
export interface PlanLine {
  text: string;
  tone: Tone;
}

/** What a cell's colour means. A glyph says the same, for terminals and eyes without colour. */
export type Tone = 'plain' | 'dim' | 'good' | 'warn' | 'bad' | 'busy' | 'accent';

/** Signs that stand before a state; drawn in UTF-8 or ASCII. */
export type GlyphName =
  | 'on'
  | 'off'
  | 'busy'
  | 'waiting'
  | 'done'
  | 'unneeded'
  | 'failed'
  | 'warning'
  | 'undone'
  | 'running';

/** One cell of a row. */
export interface Cell {
  text: string;
  tone?: Tone;
  glyph?: GlyphName;
  /** An address that the terminal may open. */
  link?: string;
  /** A path: where it is too long its end counts. */
  path?: true;
}

export interface Sort {
  column: number;
  descending: boolean;
}
