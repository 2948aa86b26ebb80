export function inSandbox(folder: string, command: readonly string[]): { file: string; args: string[] } | undefined;
export function leftInSandbox(folder: string): string[];
