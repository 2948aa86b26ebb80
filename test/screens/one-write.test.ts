import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { makeOneWrite } from '../../src/screens/one-write.ts';

it('the screen begins at the top left, wherever the cursor stood, and goes out in one write', async () => {
  const terminal = new PassThrough();
  const written: string[] = [];
  terminal.on('data', (data) => written.push(String(data)));
  const out = makeOneWrite(terminal as unknown as NodeJS.WriteStream);
  out.write('\u001b[?1049h');
  out.write('first frame');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('\u001b[?1049h\u001b[H');
  expect(written[0]).toMatch(/first frame/);
});
