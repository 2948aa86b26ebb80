<?php
/**
 * A small prompt for an SQLite database: reads statements that end with ; from standard input, prints rows with tabs.
 */
[, $file] = $argv + ['', ''];
if ($file === '' || $file === '--help') {
  fwrite(STDOUT, "php sqlite-prompt.php FILE     asks for statements; .tables lists what there is, .quit or ctrl-d leaves\n");
  exit($file === '' ? 2 : 0);
}
$db = new PDO("sqlite:$file", null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_TIMEOUT => 10]);
// Drupal's own collation, as it defines it.
$db->sqliteCreateCollation('NOCASE_UTF8', static fn (string $one, string $other): int => strcmp(mb_strtolower($one), mb_strtolower($other)));
$asked = stream_isatty(STDIN);
if ($asked) {
  fwrite(STDOUT, "$file\nEnd statements with ;   .tables lists what there is, .quit leaves. More can be done with the package sqlite3.\n");
}
$statement = '';
$failed = false;
while (($line = aegir_line($asked, $statement === '' ? 'sqlite> ' : '   ...> ')) !== false) {
  if ($statement === '' && trim($line) === '.quit') {
    break;
  }
  $statement .= $statement === '' && trim($line) === '.tables'
    ? "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name;"
    : $line . "\n";
  if (substr(rtrim($statement), -1) !== ';') {
    continue;
  }
  $failed = !aegir_rows($db, $statement) || $failed;
  $statement = '';
}
if (trim($statement) !== '') {
  $failed = !aegir_rows($db, $statement) || $failed;
}
exit($failed && !$asked ? 1 : 0);

function aegir_line(bool $asked, string $prompt) {
  if ($asked && function_exists('readline')) {
    $line = readline($prompt);
    if ($line !== false) {
      readline_add_history($line);
    }
    return $line;
  }
  if ($asked) {
    fwrite(STDOUT, $prompt);
  }
  $line = fgets(STDIN);
  return $line === false ? false : rtrim($line, "\r\n");
}

/** Runs a statement and prints its rows, without terminal control characters. */
function aegir_rows(PDO $db, string $statement): bool {
  try {
    $found = $db->query($statement);
    for ($first = true; $row = $found->fetch(PDO::FETCH_ASSOC); $first = false) {
      if ($first) {
        fwrite(STDOUT, implode("\t", array_keys($row)) . "\n");
      }
      $cells = array_map(static fn ($cell): string => $cell === null ? 'NULL' : preg_replace('/[\x00-\x1f\x7f]/', ' ', (string) $cell), $row);
      fwrite(STDOUT, implode("\t", $cells) . "\n");
    }
    return true;
  } catch (Throwable $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    return false;
  }
}
