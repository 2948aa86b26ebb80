<?php
/**
 * Functions of PHP 8.4 (php.net, "Array functions") that SPIP 4.4.30 and newer call. SPIP includes a library for them;
 * Debian's package leaves it out because its PHP is new enough, but the code may run on an older one.
 */
if (!function_exists('array_find_key')) {
  function array_find_key(array $array, callable $callback): mixed {
    foreach ($array as $key => $value) {
      if ($callback($value, $key)) {
        return $key;
      }
    }
    return null;
  }
}
if (!function_exists('array_find')) {
  function array_find(array $array, callable $callback): mixed {
    $key = array_find_key($array, $callback);
    return $key === null ? null : $array[$key];
  }
}
if (!function_exists('array_any')) {
  function array_any(array $array, callable $callback): bool {
    return array_find_key($array, $callback) !== null;
  }
}
if (!function_exists('array_all')) {
  function array_all(array $array, callable $callback): bool {
    return !array_any($array, static fn ($value, $key) => !$callback($value, $key));
  }
}
