export interface Fact {
  file: string;
  name?: string;
  message?: string;
}
export function readReport(file: string): {
  passed: number;
  failures: Fact[];
  skips: Fact[];
  slowest: [file: string, seconds: number][];
  whole: boolean;
};
export function skipsByReason(skips: readonly Fact[]): Map<string, string[]>;
