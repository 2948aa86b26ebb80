<?php
/**
 * Replaces old addresses in the content of a site, also inside serialized PHP and JSON. The result is never matched
 * again, so a second run changes nothing.
 */

/**
 * A function that replaces addresses in a text. `$from` and `$to` are addresses such as http://old.example.org:8080;
 * `$paths` are pairs of paths, such as ["sites/old/", "sites/new/"]. An empty `$from` means that only these are replaced.
 */
function aegir_replacer(string $from, string $to, array $paths = []): Closure {
  $old = parse_url($from);
  $new = parse_url($to);
  $newPlace = $new['host'] . (isset($new['port']) ? ":{$new['port']}" : '');
  $port = isset($old['port']) ? "(?::{$old['port']})?" : '';
  // After the name neither more of a name nor another port: shop.example.org is not in shop.example.org.uk.
  $address = $from === '' ? '~(*FAIL)~' : '~(https?:)?(//|\\\\/\\\\/|%2F%2F)' . preg_quote($old['host'] ?? '', '~') . $port . '(?![a-z0-9_-]|\.[a-z0-9]|:\d)~i';
  $plain = static function (string $text) use ($address, $new, $newPlace, $paths): string {
    $text = preg_replace_callback(
      $address,
      static fn (array $match): string => ($match[1] === '' ? '' : "{$new['scheme']}:") . $match[2] . $newPlace,
      $text
    ) ?? $text;
    foreach ($paths as [$oldPath, $newPath]) {
      foreach (['/', '\\/', '%2F'] as $slash) {
        $pattern = '~(?<![a-z0-9_.-])' . preg_quote(str_replace('/', $slash, $oldPath), '~') . '~i';
        $text = preg_replace_callback($pattern, static fn (): string => str_replace('/', $slash, $newPath), $text) ?? $text;
      }
    }
    return $text;
  };
  return $replace = static function (string $text) use (&$replace, $plain): string {
    if (preg_match('~^[abdiOsC]:\d~', $text) && @unserialize($text, ['allowed_classes' => false]) !== false) {
      return aegir_in_serialized($text, $replace);
    }
    return $plain($text);
  };
}

/** LIKE patterns for rows that contain one of these old folders, with any way of writing slashes. */
function aegir_marks(array $homes): array {
  return array_map(static fn (array $pair): string => basename($pair[0]), $homes);
}

/** Replaces inside the strings of a serialized value and updates their lengths. No objects are created. */
function aegir_in_serialized(string $text, Closure $replace): string {
  $out = '';
  $at = 0;
  $end = strlen($text);
  while ($at < $end) {
    if (!preg_match('~\G([sOCE]):(\d+):"~', $text, $match, 0, $at)) {
      $next = strcspn($text, 'sOCE', $at + 1) + 1;
      $out .= substr($text, $at, $next);
      $at += $next;
      continue;
    }
    [$head, $kind, $length] = $match;
    $from = $at + strlen($head);
    $inner = substr($text, $from, (int) $length);
    $at = $from + (int) $length + 1;
    if ($kind === 's') {
      $inner = $replace($inner);
      $out .= 's:' . strlen($inner) . ":\"$inner\"";
      continue;
    }
    // The name of a class or enum case; data of a class's own serialization is left unchanged.
    $out .= $head . $inner . '"';
    if ($kind === 'C' && preg_match('~\G:(\d+):\{~', $text, $own, 0, $at)) {
      $whole = strlen($own[0]) + (int) $own[1] + 1;
      $out .= substr($text, $at, $whole);
      $at += $whole;
    }
  }
  return $out;
}

/**
 * Replaces in the rows of one table. `$rows` are arrays by column; `$keys` the key columns; `$update` is called with
 * the key columns, the changed columns and their old values. Returns how many rows have changed.
 */
function aegir_replace_rows(iterable $rows, array $keys, array $columns, Closure $replace, callable $update): int {
  $count = 0;
  foreach ($rows as $row) {
    $changed = [];
    foreach ($columns as $column) {
      $value = $row[$column];
      if (is_string($value) && ($new = $replace($value)) !== $value) {
        $changed[$column] = $new;
      }
    }
    if ($changed) {
      $update(array_intersect_key($row, array_flip($keys)), $changed, array_intersect_key($row, $changed));
      $count++;
    }
  }
  return $count;
}
