const ESC = '\u001b';

/** Every control of C0 but the line feed, DEL, every control of C1, in the middle of words. */
const everyControl = Array.from({ length: 0xa0 }, (_, code) => code)
  .filter((code) => code !== 10 && (code < 0x20 || code >= 0x7f))
  .map((code) => `a${String.fromCharCode(code)}b${String.fromCharCode(code)}[2Jc`);

/** A number that the console itself never sends: hostile sequences carry it. */
export const HOSTILE_NUMBER = '4242';

/** Sequences that do something in a terminal: ECMA-48, xterm's ctlseqs, those of tmux, iTerm and kitty. */
const sequences = [
  `${ESC}[2J${ESC}[H${ESC}[31;${HOSTILE_NUMBER}mred${ESC}[0m`,
  `${ESC}[10;${HOSTILE_NUMBER}Hover there${ESC}[s${ESC}[u`,
  `${ESC}[${HOSTILE_NUMBER}A${ESC}[${HOSTILE_NUMBER}Kwritten over the line above`,
  `${ESC}[?1049;${HOSTILE_NUMBER}l${ESC}[?25;${HOSTILE_NUMBER}l${ESC}[?1000;${HOSTILE_NUMBER}h${ESC}[!p${ESC}c`,
  `${ESC}[5i${ESC}[6n${ESC}[c${ESC}[>c${ESC}[21t${ESC}[${HOSTILE_NUMBER}G${ESC}[${HOSTILE_NUMBER}X${ESC}[${HOSTILE_NUMBER}C${ESC}[${HOSTILE_NUMBER}J`,
  `${ESC}[1;5r${ESC}[4h${ESC}[20h${ESC}#8${ESC}(0lqk${ESC}(B`,
  `${ESC}]0;title\u0007${ESC}]2;title${ESC}\\`,
  `${ESC}]52;c;aGFoYQ==\u0007`,
  `${ESC}]8;;http://evil.example/${ESC}\\link${ESC}]8;;${ESC}\\`,
  `${ESC}]9;notice\u0007${ESC}]777;notify;a;b\u0007${ESC}]1337;File=:AAAA\u0007`,
  `${ESC}P+q544e${ESC}\\${ESC}P$qm${ESC}\\${ESC}Ptmux;${ESC}${ESC}]0;t\u0007${ESC}\\`,
  `${ESC}_Gf=24,s=1,v=1;AAAA${ESC}\\${ESC}^private${ESC}\\${ESC}Xstring${ESC}\\`,
  '\u009b2J\u009d0;title\u009c\u0090q\u009c\u009fG\u009c\u0085\u008d',
  'bell \u0007 back \b\b\b\b\b carriage\rreturn \u000b\u000c tab\t\t\tend',
  `unfinished ${ESC}[`,
  `unfinished ${ESC}]0;`,
  `${ESC}P${'x'.repeat(5000)}`,
];

/** What reorders, hides, widens or stacks text. */
const letters = [
  'user \u202egnp.exe\u202c \u2066a\u2069 \u200eb\u200f \u061c',
  'zero\u200bwidth\u200d\ufeff\u2060 soft\u00adhyphen \u2028line\u2029paragraph',
  `z${'\u0301\u0302\u0303\u0304'.repeat(200)}algo`,
  `${'漢字'.repeat(100)}`,
  `${'👩‍👩‍👧‍👦🏳️‍🌈'.repeat(60)}`,
  `one letter as wide as the screen: क${'\u093e'.repeat(300)}`,
  `\u{e0041}\u{e0042} tags \u{1f1e6}${'\u{1f1e6}'.repeat(30)}`,
  `${'\u17b4\u17b5\u180b\u3164\uffa0'.repeat(20)}fillers`,
];

/** Bytes that are no UTF-8, and lines of a megabyte. */
const bytes = [
  Buffer.from([0xff, 0xfe, 0x1b, 0x5b, 0x32, 0x4a, 0xc0, 0x9b, 0xe2, 0x80]),
  Buffer.from([0x9b, 0x32, 0x4a, 0x9d, 0x30, 0x3b, 0x78, 0x07, 0xed, 0xa0, 0x80, 0xf5, 0x80, 0x80, 0x80]),
  Buffer.from([0xe2, 0x80, 0xae, 0xe2, 0x80, 0xae, 0xf0, 0x9f, 0x98]),
  Buffer.alloc(1_000_000, 'x'),
  Buffer.alloc(1_000_000, `${ESC}[2J`),
  Buffer.alloc(1_000_000, 0x9b),
];

/** Lines, as bytes, that try to make a terminal do something. */
export const hostileLines: readonly Buffer[] = [
  ...[...everyControl, ...sequences, ...letters].map((text) => Buffer.from(text)),
  ...bytes,
];

/** What the console sends without the sequences that it means: moves, erasing, looks, modes, title, the address of a site, line ends. */
export const withoutOwnSequences = (sent: string): string =>
  sent
    .replaceAll(/\u001b\[[\d;?]*[A-HJKXhlm]|\u001b\[2[23];2t/g, '')
    .replaceAll(/\u001b\]2;([✓✗] )?aegir [\w.-]+( ▸\d+)?\u0007/g, '')
    .replaceAll(/\u001b\]8;;(http:\/\/[a-z]+\.example\.test:8088)?\u0007/g, '')
    .replaceAll(/[\r\n]/g, '');
