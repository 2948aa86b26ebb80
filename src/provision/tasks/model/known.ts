import type { Engines } from '../../engines/engines.ts';
import type { Services } from '../../services/services.ts';
import type { Sources } from '../../sources/sources.ts';

/** What a step can choose from: the engines, service drivers and sources of its program. */
export interface Known {
  readonly engines: Engines;
  readonly services: Services;
  readonly sources: Sources;
}
