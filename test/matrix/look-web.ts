import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '../support/http-client.ts';
import type { Stack } from '../support/stack.ts';
import type { Tell } from './look.ts';
import type { Mask } from './mask.ts';
import { NAMES, type World } from './world.ts';

/** Asks for the front page under every name, and says what a visitor sees of it. */
export async function lookAtWeb({ stack }: World, mask: Mask, tell: Tell): Promise<void> {
  for (const name of NAMES) {
    // The first visitor may see what was kept from before.
    await page(stack, name);
    const { status, headers, body: whole } = await page(stack, name);
    // Now and then SPIP lets the visitor's browser start its jobs, under the name that was asked for.
    const body = whole.replace(/<!-- SPIP-CRON -->.*/g, '');
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

/** Asked again when PHP itself has crashed: PHP 8.2 does now and then (a segmentation fault in its own code). */
async function page(stack: Stack, name: string): Promise<Page> {
  let found = await stack.fetch(`${name}:${stack.port}`, '/');
  for (let turn = 0; turn < 3 && found.status === 502; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    found = await stack.fetch(`${name}:${stack.port}`, '/');
  }
  return found;
}

/** What the web server said last of each site, to tell why a page did not come. */
const lastErrors = (logs: string): string[] =>
  readdirSync(logs).map((name) => execFileSync('tail', ['-n1', join(logs, name, 'error.log')], { encoding: 'utf8' }));
