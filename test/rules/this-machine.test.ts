import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/**
 * Tests run as root on servers that serve. What they change there is below a temporary folder, or users and processes of
 * their own; what only a machine of its own can show is in test/machines. The run itself looks at the machine before and
 * after (scripts/test-left.mjs); these rules say it before it happens.
 */
const SELF = 'test/rules/this-machine.test.ts';
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'test', 'bench'], {
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => /\.tsx?$/.test(file) && file !== SELF && !file.startsWith('test/machines/'));

/** Where a pattern stands in the files, as `file:line: text`. */
function placesOf(pattern: RegExp): string[] {
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(pattern)].map((found) => {
      const line = text.slice(0, found.index).split('\n').length;
      return `${file}:${line}: ${found[0].replaceAll(/\s+/g, ' ')}`;
    });
  });
}

it('no test says yes to setup, or calls what makes this machine a server', () => {
  expect(placesOf(/\[[^\][]*['"]setup['"][^\][]*['"](?:--yes|-y)['"]/g)).toEqual([]);
  expect(placesOf(/\[[^\][]*['"](?:--yes|-y)['"][^\][]*['"]setup['"]/g)).toEqual([]);
  expect(placesOf(/\bsetup +[^'"`\n]*(?:--yes|-y\b)/g)).toEqual([]);
  expect(placesOf(/\b(?:runSetup|serverTarget)\(/g)).toEqual([]);
});

it('what stands for a machine in a test is a folder', () => {
  expect(placesOf(/\bfamily[^{}]*\bprefix: *(?:''|""|'\/')|\bprefix: *(?:''|""|'\/')[^{}]*\bfamily/g)).toEqual([]);
});

it('no test runs what manages the services and packages of this machine', () => {
  const programs = 'systemctl|service|invoke-rc\\.d|update-rc\\.d|apt|apt-get|dpkg|systemd-tmpfiles|shutdown|reboot';
  const called = new RegExp(`(?:spawn|exec|execFile|run|runCommand)(?:Sync)?\\(\\s*['"\`](?:${programs})['"\`]`, 'g');
  const described = new RegExp(`\\bfile: *['"\`](?:/usr)?(?:/s?bin/)?(?:${programs})['"\`]`, 'g');
  expect([...placesOf(called), ...placesOf(described)]).toEqual([]);
});

it('no test writes at a place of its own choice: temporary files have one, which is looked at in the end', () => {
  // The lock that shadow's programs take, to try what happens while another has it.
  const agreed = "'/etc/passwd.lock'";
  const written =
    /\b(?:writeFile|appendFile|mkdir|mkdtemp|rm|rmdir|unlink|rename|chmod|chown|truncate)(?:Sync)?\(\s*(['"`]\/[^,)]*)/g;
  expect(placesOf(written).filter((place) => !place.includes(agreed))).toEqual([]);
  // Of those with two names the second is made.
  const second = /\b(?:symlink|link|copyFile|cp|rename)(?:Sync)?\([^,()]*,\s*['"`]\/[^,)]*/g;
  expect(placesOf(second)).toEqual([]);
  expect(placesOf(/\bHOME: *['"`]\/[^,}]*/g)).toEqual([]);
});
