<?php
require __DIR__ . '/program.php';

aegir_help($argv, <<<'HELP'
Carries the rows of an SQLite database into a MariaDB database in which the same CMS was installed.

  php carry.php < names.json

Run it as the user who owns both. It reads {"file", "dsn", "account", "caches"}: the SQLite file, the database as PDO
takes it, and how names of tables begin whose rows are left. Other tables that only the file has are made. It answers {"aegir":1,"ok":true,"tables":12,"rows":345}.
HELP);

$input = aegir_input(['file', 'dsn', 'account', 'caches']);
$options = [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC];
$from = new PDO('sqlite:' . $input['file'], null, null, $options);
$to = new PDO($input['dsn'], $input['account'], '', $options);
$to->exec("SET SESSION foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'");

$known = $to->query('SHOW TABLES')->fetchAll(PDO::FETCH_COLUMN);
// Tables of SQL translators begin with an underscore.
$tables = $from->query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_%' ESCAPE '\\'")->fetchAll(PDO::FETCH_COLUMN);
$rows = 0;
foreach ($tables as $table) {
  $cache = array_filter($input['caches'], static fn ($begin) => str_starts_with($table, $begin)) !== [];
  if (!in_array($table, $known, true)) {
    if ($cache) {
      continue;
    }
    aegir_make_table($to, $table, $from->query('PRAGMA table_info(' . $from->quote($table) . ')')->fetchAll());
  }
  $rows += $cache ? 0 : aegir_carry_table($from, $to, $table);
}
aegir_answer(['tables' => count($tables), 'rows' => $rows]);

/** Creates a table of an extension: types as wide as SQLite's, keys short enough for an index. */
function aegir_make_table(PDO $to, string $table, array $columns): void {
  $keys = array_column(array_filter($columns, static fn ($column) => $column['pk'] > 0), 'name');
  $lines = [];
  foreach ($columns as $column) {
    $type = strtoupper($column['type']);
    $short = in_array($column['name'], $keys, true) ? 'VARCHAR(255)' : 'LONGTEXT';
    $sql = str_contains($type, 'INT') ? 'BIGINT' : (preg_match('/REAL|FLOA|DOUB|NUM|DEC/', $type) ? 'DOUBLE' : (str_contains($type, 'BLOB') ? 'LONGBLOB' : $short));
    $serial = $keys === [$column['name']] && $sql === 'BIGINT' ? ' NOT NULL AUTO_INCREMENT' : '';
    $lines[] = aegir_name($column['name']) . " $sql$serial";
  }
  if ($keys) {
    $lines[] = 'PRIMARY KEY (' . implode(', ', array_map('aegir_name', $keys)) . ')';
  }
  $to->exec('CREATE TABLE ' . aegir_name($table) . ' (' . implode(', ', $lines) . ') CHARACTER SET utf8mb4');
}

/** Replaces the rows of a table; all of them or none. */
function aegir_carry_table(PDO $from, PDO $to, string $table): int {
  $columns = array_column($from->query('PRAGMA table_info(' . $from->quote($table) . ')')->fetchAll(), 'name');
  $there = array_column($to->query('DESCRIBE ' . aegir_name($table))->fetchAll(), 'Field');
  $shared = array_values(array_intersect($columns, $there));
  $names = implode(', ', array_map('aegir_name', $shared));
  $insert = $to->prepare('INSERT INTO ' . aegir_name($table) . " ($names) VALUES (" . implode(', ', array_fill(0, count($shared), '?')) . ')');
  $to->beginTransaction();
  $to->exec('DELETE FROM ' . aegir_name($table));
  $count = 0;
  $quoted = implode(', ', array_map(static fn ($name) => '"' . str_replace('"', '""', $name) . '"', $shared));
  foreach ($from->query("SELECT $quoted FROM \"" . str_replace('"', '""', $table) . "\"", PDO::FETCH_NUM) as $row) {
    $insert->execute($row);
    $count += 1;
  }
  $to->commit();
  $found = (int) $to->query('SELECT COUNT(*) FROM ' . aegir_name($table))->fetchColumn();
  if ($found !== $count) {
    aegir_fail("$table has $found of $count rows");
  }
  return $count;
}

function aegir_name(string $name): string {
  return '`' . str_replace('`', '``', $name) . '`';
}
