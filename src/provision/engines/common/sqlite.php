<?php
/** Copies an SQLite database in use to standard output, or creates one from standard input. */
[, $verb, $file] = $argv + ['', '', ''];
if (in_array('--help', $argv, true) || !in_array($verb, ['dump', 'load'], true) || $file === '') {
  fwrite(STDOUT, "php sqlite.php dump FILE > copy     a consistent copy of a database in use\nphp sqlite.php load FILE < copy     makes FILE of a copy that is whole\n");
  exit($verb === '' ? 0 : 2);
}
$part = $file . '.part';
@unlink($part);
try {
  if ($verb === 'dump') {
    if (!is_file($file)) {
      throw new RuntimeException("there is no database $file");
    }
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
  $bytes = stream_copy_to_stream(STDIN, $copy);
  fclose($copy);
  // What failed before it said anything would pass for an empty database, and replace the one that is there.
  if ($bytes === 0) {
    throw new RuntimeException('the copy is empty');
  }
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

/**
 * Collations that a CMS uses for its columns, needed to copy and check their indexes: Drupal's own, as it defines it.
 */
function aegir_collations(PDO $db): void {
  $db->sqliteCreateCollation('NOCASE_UTF8', static fn (string $one, string $other): int => strcmp(mb_strtolower($one), mb_strtolower($other)));
}
