<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/replace.php') ? '/replace.php' : '/common/replace.php');

aegir_help($argv, <<<'HELP'
Lets the content of SPIP follow to a new address or folder of the site.

  php moved.php < site.json

It reads {"root", "site", "url", "from", "fromSite", "homes"} (see install.php --help): "from" is the old address,
"fromSite" the old folder below sites/, "homes" are pairs of absolute folders that were and are the site's home. It answers {"aegir":1,"ok":true,"rows":12}.
HELP);

$input = aegir_input(['root', 'site', 'url', 'from', 'fromSite', 'homes']);
require __DIR__ . '/boot.php';
include_spip('inc/invalideur');
lire_metas();
$folders = $input['fromSite'] === $input['site'] ? [] : [["sites/{$input['fromSite']}/", "sites/{$input['site']}/"]];
$replace = aegir_replacer($input['from'], $input['url'], [...$folders, ...$input['homes']]);
$marks = array_filter(array_unique([parse_url($input['from'], PHP_URL_HOST), $input['fromSite'], ...aegir_marks($input['homes'])]));
$rows = 0;
foreach (aegir_told(sql_alltable()) as $table) {
  $rows += aegir_replace_table($table, $marks, $replace);
}
lire_metas();
ecrire_meta('adresse_site', $input['url']);
ecrire_meta('derniere_modif', (string) time());
// Pages use the database from now on; then what was cached before is deleted.
supprimer_fichier(cache_meta());
// Cached pages and aggregated files contain the old address.
foreach ([_DIR_CACHE, _DIR_VAR . 'cache-css/', _DIR_VAR . 'cache-js/'] as $folder) {
  if (is_dir($folder)) {
    purger_repertoire($folder);
  }
}
foreach ([_CACHE_PLUGINS_PATH, _CACHE_PLUGINS_OPT, _CACHE_PLUGINS_FCT, _CACHE_CHEMIN, _CACHE_PIPELINES] as $cache) {
  spip_unlink($cache);
}
aegir_answer(['rows' => $rows]);

/** The result of a query; fails on an error, where SPIP would return nothing and continue, as on a full disk. */
function aegir_told(array $answer, bool $mayBeNone = false): array {
  $error = sql_errno() ? sql_error() : '';
  // A view of a missing table has no content.
  if (str_contains($error, 'references invalid')) {
    return [];
  }
  if ($error !== '' || ($answer === [] && !$mayBeNone)) {
    aegir_fail('the database reports: ' . ($error ?: 'nothing'));
  }
  return $answer;
}

function aegir_replace_table(string $table, array $marks, Closure $replace): int {
  $facts = aegir_told(sql_showtable($table, true) ?: []);
  $fields = $facts['field'] ?? [];
  $keys = array_filter(array_map('trim', explode(',', str_replace('`', '', $facts['key']['PRIMARY KEY'] ?? ''))));
  $texts = array_diff(array_keys(array_filter($fields, static fn ($type) => preg_match('/char|text|blob/i', $type))), $keys);
  if (!$keys || !$texts) {
    return 0;
  }
  $any = [];
  foreach ($texts as $text) {
    foreach ($marks as $mark) {
      $any[] = "$text LIKE " . sql_quote('%' . addcslashes($mark, '%_\\') . '%');
    }
  }
  $found = aegir_told(sql_allfetsel('*', $table, implode(' OR ', $any)), true);
  // Only if it still has the text that was read: somebody may be editing.
  return aegir_replace_rows($found, array_values($keys), $texts, $replace, static function (array $key, array $new, array $old) use ($table): void {
    $where = [];
    foreach ($key + $old as $column => $value) {
      $where[] = "$column=" . sql_quote($value, '', 'text');
    }
    if (sql_updateq($table, $new, $where) === false) {
      aegir_fail("$table: " . sql_error());
    }
  });
}
