<?php
use Drupal\Core\Database\Connection;
use Drupal\Core\Database\DatabaseException;

require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/replace.php') ? '/replace.php' : '/common/replace.php');

aegir_help($argv, <<<'HELP'
Lets the content of Drupal follow to a new address or folder of the site.

  php moved.php < site.json

It reads {"root", "site", "url", "from", "fromSite", "homes"} (see install.php --help): "from" is the old address,
"fromSite" the old folder below sites/, "homes" are pairs of absolute folders that were and are the site's home. It answers {"aegir":1,"ok":true,"rows":12}.
HELP);

$input = aegir_input(['root', 'site', 'url', 'from', 'fromSite', 'homes']);
require __DIR__ . '/boot.php';
aegir_boot($input);

$db = \Drupal::database();
$folders = $input['fromSite'] === $input['site'] ? [] : [["sites/{$input['fromSite']}/", "sites/{$input['site']}/"]];
$replace = aegir_replacer($input['from'], $input['url'], [...$folders, ...$input['homes']]);
$marks = array_filter(array_unique([parse_url($input['from'], PHP_URL_HOST), $input['fromSite'], ...aegir_marks($input['homes'])]));
$rows = 0;
foreach ($db->schema()->findTables('%') as $table) {
  // Caches are emptied, sessions end, and logs stay as written.
  if (preg_match('/^(cache(_|tags|$)|sessions|semaphore|watchdog|flood)/', $table)) {
    continue;
  }
  try {
    $rows += aegir_replace_table($db, $table, $marks, $replace);
  } catch (DatabaseException $error) {
    // A view of a missing table has no content.
    if (!str_contains($error->getMessage(), 'references invalid')) {
      aegir_fail("the database reports: {$error->getMessage()}");
    }
  }
}
drupal_flush_all_caches();
aegir_answer(['rows' => $rows]);

function aegir_replace_table(Connection $db, string $table, array $marks, Closure $replace): int {
  [$keys, $texts] = aegir_columns($db, $table);
  $texts = array_diff($texts, $keys);
  if (!$keys || !$texts) {
    return 0;
  }
  $query = $db->select($table, 't')->fields('t');
  $any = $query->orConditionGroup();
  foreach ($texts as $text) {
    foreach ($marks as $mark) {
      $any->condition($text, '%' . $db->escapeLike($mark) . '%', 'LIKE');
    }
  }
  $found = $query->condition($any)->execute()->fetchAll(PDO::FETCH_ASSOC);
  // Only if it still has the text that was read: somebody may be editing.
  return aegir_replace_rows($found, $keys, $texts, $replace, static function (array $key, array $new, array $old) use ($db, $table): void {
    $update = $db->update($table)->fields($new);
    foreach ($key + $old as $column => $value) {
      $update->condition($column, $value);
    }
    $update->execute();
  });
}

/** The key columns of a table, and its text columns. */
function aegir_columns(Connection $db, string $table): array {
  $sqlite = $db->driver() === 'sqlite';
  $columns = $db->query($sqlite ? "PRAGMA table_info({{$table}})" : "SHOW COLUMNS FROM {" . $table . "}")->fetchAll(PDO::FETCH_ASSOC);
  $keys = [];
  $texts = [];
  foreach ($columns as $column) {
    $name = $column[$sqlite ? 'name' : 'Field'];
    if ($sqlite ? $column['pk'] > 0 : $column['Key'] === 'PRI') {
      $keys[] = $name;
    }
    if (preg_match('/char|text|blob|clob|json/i', $column[$sqlite ? 'type' : 'Type'])) {
      $texts[] = $name;
    }
  }
  return [$keys, $texts];
}
