import type { Engine } from './engines/engine.ts';
import { makeEngines } from './engines/engines.ts';
import type { DriverEntry } from './services/services.ts';
import { makeServices } from './services/services.ts';
import type { Source } from './sources/source.ts';
import { makeSources } from './sources/sources.ts';
import type { Known } from './tasks/model/known.ts';
import { type AnyTask, makeTasks, type Tasks } from './tasks/model/tasks.ts';

/**
 * All that a program can provision: made once and handed down, so that a test, a benchmark or a plugin makes another.
 * Nothing else knows which task types, engines, service drivers and sources there are.
 */
export interface Program extends Known {
  readonly tasks: Tasks;
}

/** The parts that a program is made of, a list of each kind. */
export interface ProgramParts {
  tasks: readonly AnyTask[];
  engines: readonly Engine[];
  drivers: readonly DriverEntry[];
  sources: readonly Source[];
}

/** Makes a program of its parts. */
export const makeProgram = ({ tasks, engines, drivers, sources }: ProgramParts): Program => ({
  tasks: makeTasks(tasks),
  engines: makeEngines(engines),
  services: makeServices(drivers),
  sources: makeSources(sources),
});
