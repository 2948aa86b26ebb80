import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Tell } from './look.ts';
import type { Mask } from './mask.ts';
import { NAMES, type World } from './world.ts';

/** Asks for the front page under every name, and says what a visitor sees of it. */
export async function lookAtWeb({ stack }: World, mask: Mask, tell: Tell): Promise<void> {
  for (const name of NAMES) {
    // The first visitor may see what was kept from before.
    await stack.fetch(`${name}:${stack.port}`, '/');
    const { status, headers, body } = await stack.fetch(`${name}:${stack.port}`, '/');
    const title = /<title[^>]*>([^<]*)/.exec(body)?.[1]?.trim() ?? '';
    const named = NAMES.filter((one) => body.includes(`//${one}`));
    const robots = headers['x-robots-tag'] ?? '';
    const words = [
      status,
      headers.location ?? '',
      title,
      robots,
      `names ${named.join(' ')}`,
      ...(status === 502 ? lastErrors(stack.paths.serviceLogs) : []),
    ];
    tell(`web ${name}`, mask.text(words.join(' | ')));
  }
}

/** What the web server said last of each site, to tell why a page did not come. */
const lastErrors = (logs: string): string[] =>
  readdirSync(logs).map((name) => execFileSync('tail', ['-n1', join(logs, name, 'error.log')], { encoding: 'utf8' }));
