/** A document with every screen between its markers replaced by the kept one. */
export function withScreens(document: string): string;
