import { AegirError } from '../model/errors.ts';
import type { CodeTree, Detection, Engine } from './engine.ts';

/** The engines of a program. */
export interface Engines {
  /** In the order of detection: the first that recognises a code base wins. */
  readonly list: readonly Engine[];
  /** Throws `ENGINE_UNKNOWN`. */
  named(name: string): Engine;
  /** The engine that recognises a code base, and what it detected; undefined if none does. */
  detect(tree: CodeTree): Promise<{ engine: Engine; detection: Detection } | undefined>;
}

/** The engines of a program, in the order of detection. */
export function makeEngines(list: readonly Engine[]): Engines {
  return {
    list,
    named(name) {
      const engine = list.find((candidate) => candidate.name === name);
      if (engine) return engine;
      const known = list.map((candidate) => candidate.name).join(', ');
      throw new AegirError('ENGINE_UNKNOWN', `there is no engine "${name}"`, `Known engines: ${known}.`);
    },
    async detect(tree) {
      for (const engine of list) {
        const detection = await engine.detect(tree);
        if (detection) return { engine, detection };
      }
      return undefined;
    },
  };
}
