/** A document with what stands between the two marks of a part made anew. */
export function withPart(document: string, name: string, text: string): string {
  const begin = `<!-- ${name}: made by npm run docs from what npm run machines has found -->\n`;
  const end = `\n<!-- end of ${name} -->`;
  const [before = '', rest] = document.split(begin);
  if (rest === undefined || !rest.includes(end)) throw new Error(`a document has no marks of ${name}`);
  return `${before}${begin}${text}${rest.slice(rest.indexOf(end))}`;
}
