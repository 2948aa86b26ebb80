import { join } from 'node:path';
import { AegirError } from '../model/errors.ts';
import { buildByComposer, checkComposer } from './composer.ts';
import type { Source } from './source.ts';

/** A commit, tag or branch of a repository, without history. */
export const gitSource: Source = {
  kind: 'git',
  form: 'git:URL[#REF]',
  parse(rest) {
    const { url, ref } = partsOf(rest);
    const known = /^(https?|ssh|git|file):\/\/[^\s-][^\s]*$/.test(url) || /^[\w.-]+@[\w.-]+:[^\s]+$/.test(url);
    if (!known || !/^[\w./-]*$/.test(ref) || /^-|\.\./.test(ref)) {
      const hint =
        'git:https://example.org/shop.git#v1.2, or git@example.org:shop.git; a branch, tag or commit after #.';
      throw new AegirError('SOURCE_INVALID', `"${rest}" is not the address of a repository`, hint, 'from');
    }
    if (/^https?:\/\/[^/]*:[^/]*@/.test(url)) {
      const hint = 'Let git store it: git help credentials.';
      throw new AegirError('SOURCE_INVALID', 'a password in the address would be stored and shown', hint, 'from');
    }
    return { kind: 'git', rest };
  },
  async check(host, _source, _options, problem) {
    const asked = await host.ask({ file: 'git', args: ['--version'], timeoutMs: 10_000 });
    if (asked.code !== 0)
      problem('COMMAND_MISSING', 'this machine has no git', 'Install it: apt-get install git', 'from');
  },
  async fetch(host, { rest }, into, options, io) {
    const { url, ref } = partsOf(rest);
    io.log('info', `fetching ${ref || 'the default branch'} of ${url}`);
    const { commit } = await host.act('source.git', { url, ref, into }, { signal: io.signal, onLine: io.line });
    io.log('info', `commit ${commit}`);
    const there = async (name: string): Promise<boolean> => (await host.stat(join(into, name))) !== undefined;
    if (!(await there('composer.lock')) || (await there('vendor/autoload.php'))) return;
    io.log('info', 'it has a composer.lock but no vendor folder');
    await checkComposer(host, (code, message, hint, field) => {
      throw new AegirError(code, message, hint, field);
    });
    await buildByComposer(host, { package: '', version: '' }, into, options, io);
  },
};

function partsOf(rest: string): { url: string; ref: string } {
  const at = rest.lastIndexOf('#');
  return at < 0 ? { url: rest, ref: '' } : { url: rest.slice(0, at), ref: rest.slice(at + 1) };
}
