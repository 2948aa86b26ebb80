import type { FormChoice } from '../model/form.ts';

/** Languages that CMSs are commonly translated into (ISO 639-1, with a region where there are variants). */
const codes = `en ar bg bn bs ca cs cy da de el eo es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka kk ko ku lt lv
  mk ml mn mr ms nb ne nl nn pl pt-br pt-pt ro ru sk sl sq sr sv sw ta te th tr uk ur uz vi zh-hans zh-hant`;

let known: readonly FormChoice[] | undefined;

/** Language codes with their English names, English first. Other codes may be typed as well. */
export function languages(): readonly FormChoice[] {
  if (known) return known;
  const names = new Intl.DisplayNames(['en'], { type: 'language' });
  known = codes.split(/\s+/).map((code) => ({ value: code, label: names.of(code) ?? '' }));
  return known;
}
