/** One thing that the palette offers: something to do, or an object to go to. */
export interface PaletteEntry {
  kind: 'command' | 'compare' | ObjectEntryKind;
  /** A command's id, or the name of an object or page; of logs the URI of their site. */
  name: string;
  /** What is searched and shown. */
  text: string;
  about: string;
}

/** What can be gone to by its name: objects, and the logs of a site. */
export type ObjectEntryKind = 'site' | 'platform' | 'server' | 'client' | 'backup' | 'task' | 'logs';

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
