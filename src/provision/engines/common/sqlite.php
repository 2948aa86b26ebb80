<?php
/** Copies an SQLite database to standard output while others use it, or makes one of standard input. */
[, $verb, $file] = $argv + ['', '', ''];
if (in_array('--help', $argv, true) || !in_array($verb, ['dump', 'load'], true) || $file === '') {
  fwrite(STDOUT, "php sqlite.php dump FILE > copy     a consistent copy of a database in use\nphp sqlite.php load FILE < copy     makes FILE of a copy that is whole\n");
  exit($verb === '' ? 0 : 2);
}
$part = $file . '.part';
@unlink($part);
try {
  if ($verb === 'dump') {
    $db = new PDO("sqlite:$file", null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_TIMEOUT => 60]);
    aegir_collations($db);
    $db->exec('VACUUM INTO ' . $db->quote($part));
    $copy = fopen($part, 'rb');
    stream_copy_to_stream($copy, STDOUT);
    fclose($copy);
    unlink($part);
    exit(0);
  }
  $copy = fopen($part, 'wb');
  stream_copy_to_stream(STDIN, $copy);
  fclose($copy);
  $db = new PDO("sqlite:$part", null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
  aegir_collations($db);
  $state = $db->query('PRAGMA integrity_check')->fetchColumn();
  $db = null;
  if ($state !== 'ok') {
    throw new RuntimeException("the copy is damaged: $state");
  }
  foreach (['-wal', '-shm', '-journal'] as $end) {
    @unlink($file . $end);
  }
  rename($part, $file);
} catch (Throwable $error) {
  @unlink($part);
  fwrite(STDERR, $error->getMessage() . "\n");
  exit(1);
}

/** Orders that a CMS gives its columns and that a copy and a check of their indexes need: Drupal's own, as it makes it. */
function aegir_collations(PDO $db): void {
  $db->sqliteCreateCollation('NOCASE_UTF8', static fn (string $one, string $other): int => strcmp(mb_strtolower($one), mb_strtolower($other)));
}
