import { expect, it } from 'vitest';
import { dumpFilter } from '../../../../src/provision/host/streams/dump-filter.ts';

async function filtered(dump: string): Promise<string> {
  const filter = dumpFilter();
  filter.end(dump);
  const parts: Buffer[] = [];
  for await (const part of filter) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

it('rows are taken as they are, also where each has a line of its own', async () => {
  const row = "('DEFINER=`root`@`localhost` utf8mb4_0900_ai_ci')";
  const dump = `INSERT INTO \`t\` VALUES\n${row},\n${row};\nREPLACE INTO \`t\` VALUES ${row};\n`;
  expect(await filtered(dump)).toBe(dump);
});

it('what follows them is made fit as what stands before', async () => {
  const view = 'CREATE DEFINER=`root`@`localhost` VIEW v AS SELECT 1;\n';
  const dump = `${view}INSERT INTO \`t\` VALUES\n(1),\n(2);\n${view}CREATE TABLE u (\n  a INT\n) COLLATE=utf8mb4_0900_ai_ci;\n`;
  const text = await filtered(dump);
  expect(text).not.toMatch(/DEFINER|0900/);
  expect(text).toContain('(1),\n(2);\n');
});
