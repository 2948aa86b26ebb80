import { join } from 'node:path';
import { definePage } from '../../src/state/pages/definition.ts';

/** A page of a log that no console has by itself: a text file of the root, shown with all that logs can do. */
export const notesPage = definePage({
  kind: 'notes',
  title: 'Notes',
  view: { key: '8', help: 'What this machine has noted.' },
  body: 'log',
  log: {
    look: { name: 'notes', first: { wrap: true, timestamps: false } },
    source: ({ paths, ofText }) => ofText(join(paths.root, 'notes.txt')),
    saveAs: () => 'notes.log',
    link: () => 'https://example.org/notes',
  },
});
