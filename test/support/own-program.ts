import { makeProgram, type Program } from '../../src/provision/program.ts';
import { standardParts } from '../../src/provision/standard.ts';

/** A program like the standard one, whose task types a test may change: nobody else has them. */
export const ownProgram = (): Program =>
  makeProgram({ ...standardParts, tasks: standardParts.tasks.map((task) => ({ ...task })) });
