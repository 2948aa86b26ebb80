/** A document with every screen between its markers made anew. */
export function withScreens(document: string): string;
