<?php
// Settings of one site in a PHP that serves all of them, from the facts passed by the front.
(static function (): void {
  $own = (array) json_decode($_SERVER['AEGIR_INI'] ?? '', true);
  // Last, since the site's log is outside of its open_basedir.
  uksort($own, static fn ($one, $other) => ($one === 'open_basedir') <=> ($other === 'open_basedir'));
  foreach ($own as $name => $value) {
    ini_set($name, $value);
  }
  foreach ((array) json_decode($_SERVER['AEGIR_ENV'] ?? '', true) as $name => $value) {
    putenv("$name=$value");
  }
  unset($_SERVER['AEGIR_INI'], $_SERVER['AEGIR_ENV']);
})();
