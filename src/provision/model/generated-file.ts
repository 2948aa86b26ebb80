/**
 * A file that the program writes from the inventory. `path` is absolute. Owner root always; `group` is
 * a Unix group, `mode` its permission bits. A file with `once` is written where there is none and is left
 * alone after that: keys, and the `local.*` files that belong to people.
 */
export interface GeneratedFile {
  path: string;
  text: string;
  group: string;
  mode: number;
  once?: boolean;
  /** Where one of somebody else's that is in its place is kept, and loaded from; without it such a one is not replaced. */
  keep?: string;
  /** It holds nothing but secrets. */
  secret?: boolean;
}

/** What the first line of a generated file says, behind the comment sign of its language. */
export const generatedNotice =
  'Written by Aegir Console from its inventory; changes here are lost. Your own lines go into';
