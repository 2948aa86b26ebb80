import { domainToASCII } from 'node:url';
import { AegirError } from './errors.ts';

/**
 * The canonical form of a site's URI: lower case, IDN as its ASCII form (RFC 3492), no final dot.
 * A scheme or path, and what is not a host name (RFC 1123; 64 characters a label, 235 in all so that log
 * and certificate names fit), is refused with `URI_INVALID`.
 */
export function canonicalUri(text: string): string {
  const wanted = text.trim().normalize('NFC').toLowerCase().replace(/\.$/, '');
  if (/[/:@?#\s]/.test(wanted)) {
    refuse(text, 'Give the host name alone, without http:// and without a path: shop.example.org');
  }
  const ascii = domainToASCII(wanted);
  const labels = ascii.split('.');
  if (ascii === '' || ascii.length > 235 || !labels.every(isLabel)) {
    refuse(text, 'A host name has letters, digits and hyphens between dots, at most 63 at a time: shop.example.org');
  }
  if (/^[0-9.]+$/.test(ascii)) refuse(text, 'An IP address cannot be told apart from other sites; give a name.');
  if (labels.length < 2) refuse(text, 'Give the whole name, with its domain: shop.example.org');
  return ascii;
}

/** The canonical form of another name of a site: as a URI, or `*.` before one for all names below it. Throws `URI_INVALID`. */
export const canonicalAlias = (text: string): string =>
  text.trim().startsWith('*.') ? `*.${canonicalUri(text.trim().slice(2))}` : canonicalUri(text);

const isLabel = (label: string): boolean => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label);

function refuse(text: string, hint: string): never {
  throw new AegirError('URI_INVALID', `"${text}" is not a host name`, hint, 'uri');
}

/** Checks the name of a platform: lower case letters, digits, dots and hyphens. Throws `NAME_INVALID`. */
export function checkPlatformName(name: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,62}$/.test(name) && !name.includes('..')) return name;
  throw new AegirError(
    'NAME_INVALID',
    `"${name}" cannot be the name of a platform`,
    'Use lower case letters, digits, dots and hyphens, at most 63, beginning with a letter or digit: shop-2.1',
    'name',
  );
}
