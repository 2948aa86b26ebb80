import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * The files that take longest, longest first: vitest itself knows that only of a checkout in which they have run before, and
 * goes by their size else, project by project. `npm test` lists the slowest at its end.
 */
const longest = [
  'matrix/sample.real',
  'e2e/half-way.real',
  'e2e/site-life.real',
  'e2e/site-carry.real',
  'e2e/site-migrate.real',
  'e2e/examples.real',
  'e2e/try.trial',
  'e2e/bad-input.real',
  'e2e/site-adopt.real',
  'e2e/platform-migrate.real',
  'e2e/site-update.real',
  'e2e/site-strange.real',
  'e2e/site-names.real',
  'e2e/site-backup.real',
  'e2e/rebuild.real',
  'e2e/site-uses.real',
  'e2e/visitors.real',
  'e2e/screens-80x24',
  'state/registry-walk',
].map((name) => `test/${name}.test.`);

/** Begins with the longest files, so that none is left alone at the end; then comes what is real, and what takes least last. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const file = relative(process.cwd(), moduleId);
      const known = longest.findIndex((name) => file.startsWith(name));
      if (known !== -1) return known;
      return longest.length + (/\.(real|trial)\./.test(file) ? 0 : 1);
    };
    // Stable: files of one place stay as vitest sorts them.
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}
