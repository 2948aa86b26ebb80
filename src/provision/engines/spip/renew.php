<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Gives a copy of a site secrets of its own: those that sign its actions and forms, and links that need no password.

  php renew.php < site.json

It reads {"root", "site", "url"} (see install.php --help) and answers {"aegir":1,"ok":true}. The secret of the
passwords stays, or nobody could log in; so do those that plugins have made, which may have encrypted content.
HELP);

$input = aegir_input(['root', 'site', 'url']);
require __DIR__ . '/boot.php';
include_spip('inc/flock');
$secrets = ['secret_du_site', 'secret_des_actions'];
foreach ($secrets as $secret) {
  sql_delete('spip_meta', 'nom IN (' . sql_quote($secret) . ', ' . sql_quote("cache_$secret") . ')');
}
lire_metas();
$file = _DIR_ETC . 'cles.php';
if (is_file($file)) {
  lire_fichier_securise($file, $json);
  $keys = json_decode((string) $json, true);
  if (!is_array($keys)) {
    aegir_fail("$file cannot be read");
  }
  ecrire_fichier_securise($file, json_encode(array_diff_key($keys, array_flip($secrets))));
}
// Who logs in would else bring the old ones back from the copy that is kept for him.
$fields = sql_showtable('spip_auteurs')['field'] ?? [];
$old = array_intersect_key(['backup_cles' => '', 'low_sec' => '', 'cookie_oubli' => ''], $fields);
sql_updateq('spip_auteurs', $old);
if (class_exists('Spip\Chiffrer\SpipCles')) {
  $made = Spip\Chiffrer\SpipCles::instance($file);
  if (!$made->getSecretSite() || !$made->getSecretActions()) {
    aegir_fail("$file cannot be written");
  }
}
aegir_answer([]);
