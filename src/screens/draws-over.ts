/**
 * Whether what was written on a terminal can be written over. One that is called dumb (terminfo's `dumb`: a shell in an
 * editor, a line printer) or has no name knows no sequences: it is given lines, one below the other.
 */
export const drawsOver = ({ TERM = '' }: Record<string, string | undefined> = process.env): boolean =>
  !/^(dumb|unknown|)$/.test(TERM);
