import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copySequence } from '../../src/screens/copy-text.ts';
import { startTerminal } from '../support/terminal.ts';

const ESC = '\u001b';
const said = Buffer.from('é line').toString('base64');

describe('copying asks the terminal', () => {
  it('by OSC 52', () => {
    expect(copySequence('é line', {})).toBe(`${ESC}]52;c;${said}\u0007`);
  });

  it('in tmux both of it and, through it, of the terminal outside', () => {
    expect(copySequence('é line', { TMUX: '/tmp/tmux-0/default,1,0', STY: '' })).toBe(
      `${ESC}]52;c;${said}\u0007${ESC}Ptmux;${ESC}${ESC}]52;c;${said}\u0007${ESC}\\`,
    );
  });

  it('in screen in pieces that it hands on, which together are the same', () => {
    const sent = copySequence('long line '.repeat(100), { STY: '1.pts' });
    const pieces = sent.split(`${ESC}\\`).slice(0, -1);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(242);
    expect(pieces.map((piece) => piece.slice(2)).join('')).toBe(copySequence('long line '.repeat(100), {}));
  });

  it.runIf(spawnSync('tmux', ['-V']).status === 0)('and a real tmux takes it (needs tmux)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aegir-tmux-'));
    const socket = join(folder, 'socket');
    writeFileSync(join(folder, 'conf'), 'set -g set-clipboard on\n');
    writeFileSync(join(folder, 'sequence'), copySequence('é line', { TMUX: socket }));
    const inside = `cat ${join(folder, 'sequence')}; echo sent; sleep 20`;
    const terminal = startTerminal({
      command: 'tmux',
      args: ['-S', socket, '-f', join(folder, 'conf'), 'new-session', inside],
    });
    try {
      await terminal.waitFor('sent');
      const buffer = (): string => String(spawnSync('tmux', ['-S', socket, 'show-buffer']).stdout);
      await expect.poll(buffer, { timeout: 5000 }).toBe('é line');
    } finally {
      execFileSync('tmux', ['-S', socket, 'kill-server']);
      await terminal.exit;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
