const ESC = '\u001b';
/** GNU screen passes on strings up to 256 bytes; this much of them is ours. */
const SCREEN_PIECE = 240;

/**
 * What makes a terminal put a text on its clipboard: OSC 52 (xterm's ctlseqs, "Manipulate Selection Data"). tmux takes
 * it where `set-clipboard` is on, and hands it through where `allow-passthrough` is; screen only hands it through.
 * Nothing answers, so nobody can know whether it was taken.
 */
export function copySequence(text: string, env: Record<string, string | undefined>): string {
  const osc = `${ESC}]52;c;${Buffer.from(text).toString('base64')}\u0007`;
  return env.TMUX ? osc + throughMultiplexer(osc, env) : throughMultiplexer(osc, env);
}

/** A sequence for the terminal outside of tmux or screen, where the program runs in one. */
export function throughMultiplexer(sequence: string, env: Record<string, string | undefined>): string {
  if (env.TMUX) return `${ESC}Ptmux;${sequence.replaceAll(ESC, ESC + ESC)}${ESC}\\`;
  if (!env.STY) return sequence;
  const pieces = sequence.match(new RegExp(`[^]{1,${SCREEN_PIECE}}`, 'g')) ?? [];
  return pieces.map((piece) => `${ESC}P${piece}${ESC}\\`).join('');
}
