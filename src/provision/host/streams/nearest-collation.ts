/** Languages in names of MySQL 8 and in those of MariaDB: of MariaDB's own table of aliases (MDEV-20912). */
const languages: Readonly<Record<string, string>> = {
  cs: 'czech',
  da: 'danish',
  de_pb: 'german2',
  eo: 'esperanto',
  es: 'spanish',
  es_trad: 'spanish2',
  et: 'estonian',
  hr: 'croatian',
  hu: 'hungarian',
  is: 'icelandic',
  la: 'roman',
  lt: 'lithuanian',
  lv: 'latvian',
  pl: 'polish',
  ro: 'romanian',
  sk: 'slovak',
  sl: 'slovenian',
  sv: 'swedish',
  tr: 'turkish',
  vi: 'vietnamese',
};

const mysql8 = /^utf8mb4(?:_(\w+?))?_0900_(ai_ci|as_ci|as_cs|bin)(?:_ks)?$/;
const mariadb10 = /^(?:(\w+?)_)?uca1400_(?:(\w+?)_)?(nopad_)?(a[is]_c[is])$/;
const mysql803 = /^utf8mb3_(\w+)$/;

/**
 * The collation of `known` that sorts most like one that a server lacks, also in whether it pads (those of MySQL 8 never do,
 * so that "word" and "word " differ). Undefined for one that is known, for what is no collation, and where none is near.
 */
export function nearestCollation(name: string, known: ReadonlySet<string>): string | undefined {
  if (known.has(name)) return undefined;
  return candidates(name).find((one) => known.has(one));
}

/** From the nearest on. */
function candidates(name: string): string[] {
  const [, language = '', sort = ''] = mysql8.exec(name) ?? [];
  if (sort === 'bin') return ['utf8mb4_nopad_bin', 'utf8mb4_bin'];
  if (sort !== '') {
    const [own, plain] = [languages[language], sort.startsWith('ai') ? 'ai_ci' : sort];
    return [
      ...(own ? [`utf8mb4_uca1400_${own}_nopad_${plain}`] : []),
      `utf8mb4_uca1400_nopad_${plain}`,
      ...older('utf8mb4', own, 'nopad_', plain),
    ];
  }
  const [, charset = 'utf8mb4', tailored, pad = '', order = ''] = mariadb10.exec(name) ?? [];
  if (order !== '') return older(charset, tailored, pad, order);
  const [, rest] = mysql803.exec(name) ?? [];
  return rest === undefined ? [] : [`utf8_${rest}`];
}

/** Before MariaDB 10.10 a collation pads or does not, and is sensitive to case only if it compares bytes. */
const older = (charset: string, language: string | undefined, pad: string, order: string): string[] =>
  order.endsWith('_cs')
    ? [`${charset}_${pad}bin`, `${charset}_bin`]
    : [
        ...(language && pad === '' ? [`${charset}_${language}_ci`] : []),
        `${charset}_unicode_520_${pad}ci`,
        `${charset}_unicode_520_ci`,
      ];
