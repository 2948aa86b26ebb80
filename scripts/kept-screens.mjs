// The screens that the tests keep as text (test/screens/kept), shown in documents between markers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from './packages.mjs';

const place = /(<!-- screen: ([\w/-]+) -->\n)[\s\S]*?(<!-- end of screen -->)/g;

/** A document with every screen between its markers replaced by the kept one. Throws if a screen is not kept. */
export const withScreens = (document) =>
  document.replace(place, (_, begin, name, end) => {
    const screen = readFileSync(join(project, 'test/screens/kept', `${name}.txt`), 'utf8');
    return `${begin}\`\`\`\n${screen.replaceAll(/\n{3,}/g, '\n\n')}\`\`\`\n${end}`;
  });
