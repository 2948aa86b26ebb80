export function inRoom(folder: string, command: readonly string[]): { file: string; args: string[] } | undefined;
export function leftInRoom(folder: string): string[];
