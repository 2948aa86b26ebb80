/** The value below which a share of the samples lies; `share` from 0 to 1. */
export function quantile(samples: number[], share: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** The middle value. */
export const median = (samples: number[]): number => quantile(samples, 0.5);

/** Prints one figure: what was measured, our value, the peer's, their ratio, the goal. */
export function printFigure(what: string, ours: string, peer: string, ratio: string, goal: string): void {
  process.stdout.write(`${what.padEnd(44)} ${ours.padStart(14)} ${peer.padStart(24)} ${ratio.padStart(9)}   ${goal}\n`);
}

/** Prints the headings of the figures. */
export const printHeadings = (): void => printFigure('', 'ours', 'peer', 'ratio', 'goal');

/** Milliseconds for people. */
export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
