<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/replace.php') ? '/replace.php' : '/common/replace.php');

aegir_help($argv, <<<'HELP'
Lets the content of WordPress follow to a new address: posts, options, what plugins keep, serialized or not.

  php moved.php < site.json

It reads {"root", "settings", "url", "from", "homes"} (see install.php --help): "from" is the old address, "url" the new
one, "homes" are pairs of absolute folders that were and are the site's home. It answers {"aegir":1,"ok":true,"rows":12}. Identifiers of posts (guid) stay, for feed readers know them.
HELP);

$input = aegir_input(['root', 'settings', 'url', 'from', 'homes']);
require __DIR__ . '/boot.php';
aegir_boot($input);

$wpdb = $GLOBALS['wpdb'];
$replace = aegir_replacer($input['from'], $input['url'], $input['homes']);
$marks = array_filter([parse_url($input['from'], PHP_URL_HOST), ...aegir_marks($input['homes'])]);
$rows = 0;
foreach (aegir_told($wpdb, $wpdb->get_col('SHOW TABLES')) as $table) {
  if (str_starts_with($table, $wpdb->base_prefix)) {
    $rows += aegir_replace_table($wpdb, $table, $marks, $replace);
  }
}
wp_cache_flush();
flush_rewrite_rules(false);
aegir_answer(['rows' => $rows]);

/** The result of a query; fails on an error, where wpdb would return nothing and continue, as on a full disk. */
function aegir_told(wpdb $wpdb, array $answer): array {
  // A view of a missing table has no content.
  if ($wpdb->last_error !== '' && !str_contains($wpdb->last_error, 'references invalid')) {
    aegir_fail("the database reports: {$wpdb->last_error}");
  }
  return $answer;
}

function aegir_replace_table(wpdb $wpdb, string $table, array $marks, Closure $replace): int {
  $columns = aegir_told($wpdb, $wpdb->get_results("DESCRIBE `$table`", ARRAY_A) ?? []);
  $keys = array_column(array_filter($columns, static fn ($column) => $column['Key'] === 'PRI'), 'Field');
  $texts = array_column(array_filter($columns, static fn ($column) => preg_match('/char|text|blob|json/i', $column['Type'])), 'Field');
  $texts = array_diff($texts, $keys, ['guid']);
  if (!$keys || !$texts || !$marks) {
    return 0;
  }
  $any = [];
  foreach ($texts as $text) {
    foreach ($marks as $mark) {
      $any[] = $wpdb->prepare("`$text` LIKE %s", '%' . $wpdb->esc_like($mark) . '%');
    }
  }
  $where = implode(' OR ', $any);
  $rows = aegir_told($wpdb, $wpdb->get_results("SELECT * FROM `$table` WHERE $where", ARRAY_A) ?? []);
  // Only if it still has the text that was read: somebody may be editing.
  return aegir_replace_rows($rows, $keys, $texts, $replace, static function (array $key, array $new, array $old) use ($wpdb, $table): void {
    if ($wpdb->update($table, $new, $key + $old) === false) {
      aegir_fail("$table: {$wpdb->last_error}");
    }
  });
}
