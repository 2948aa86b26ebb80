import { dirname, join } from 'node:path';

/** The cache folder of the root in whose `platforms/` a staging folder lies. */
export const serverCache = (staging: string): string => join(dirname(dirname(staging)), 'cache');
