<?php
// What holds for one site, in a PHP that serves all of them: read from the facts that the front gives.
(static function (): void {
  $own = (array) json_decode($_SERVER['AEGIR_INI'] ?? '', true);
  // The last: the log of the site lies where its scripts may not go.
  uksort($own, static fn ($one, $other) => ($one === 'open_basedir') <=> ($other === 'open_basedir'));
  foreach ($own as $name => $value) {
    ini_set($name, $value);
  }
  foreach ((array) json_decode($_SERVER['AEGIR_ENV'] ?? '', true) as $name => $value) {
    putenv("$name=$value");
  }
  unset($_SERVER['AEGIR_INI'], $_SERVER['AEGIR_ENV']);
})();
