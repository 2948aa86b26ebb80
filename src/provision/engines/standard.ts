import { drupal } from './drupal/engine.ts';
import type { Engine } from './engine.ts';
import { spip } from './spip/engine.ts';
import { wordpress } from './wordpress/engine.ts';

/** The engines of the program, in the order of detection. */
export const standardEngines: readonly Engine[] = [drupal, wordpress, spip];
