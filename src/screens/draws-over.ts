/**
 * Whether a terminal can overwrite what is on its screen. One that is called dumb (terminfo's `dumb`: a shell in an editor, a
 * line printer) or has no name knows no control sequences: it gets plain lines.
 */
export const drawsOver = ({ TERM = '' }: Record<string, string | undefined> = process.env): boolean =>
  !/^(dumb|unknown|)$/.test(TERM);
