import { setFlagsFromString } from 'node:v8';

/**
 * Lets a process take less memory and be a little slower: a console or worker stays open all day on small machines, and
 * what is streamed through it is not kept for long. To be set once it has begun: before, it would make the compiled code
 * of an earlier start useless (V8 keeps its options with that code).
 */
export function takeLittleMemory(): void {
  for (const option of ['--optimize-for-size', '--max-semi-space-size=1', '--semi-space-growth-factor=1'])
    setFlagsFromString(option);
}
