import { standardEngines } from './engines/standard.ts';
import { makeProgram, type Program, type ProgramParts } from './program.ts';
import { standardDrivers } from './services/standard.ts';
import { standardSources } from './sources/standard.ts';
import { standardTasks } from './tasks/standard.ts';

/** The parts that the program comes with. */
export const standardParts: ProgramParts = {
  tasks: standardTasks,
  engines: standardEngines,
  drivers: standardDrivers,
  sources: standardSources,
};

/** The program as it comes. */
export const standardProgram: Program = makeProgram(standardParts);
