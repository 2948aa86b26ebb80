<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Brings the database of SPIP and its plugins to the version of the code.

  php update.php < site.json

It reads {"root", "site", "url"} (see install.php --help) and answers {"aegir":1,"ok":true,"from":"2021022300","to":"2022022303"}.
A database that is up to date is left as it is.
HELP);

$input = aegir_input(['root', 'site', 'url']);
// SPIP continues in a new request when its time is over; here there is none.
define('_UPGRADE_TIME_OUT', 86400);
require __DIR__ . '/boot.php';
include_spip('base/upgrade');
include_spip('inc/plugin');
lire_metas();
$from = (string) ($GLOBALS['meta']['version_installee'] ?? '');
$wanted = (string) $GLOBALS['spip_version_base'];
if ($from === '') {
  aegir_fail('the database holds no installed SPIP');
}
if ((float) $from > (float) $wanted) {
  aegir_fail("the database has version $from, newer than the code's $wanted");
}
if ($from !== $wanted) {
  include_spip('base/create');
  creer_base();
  if (maj_base(0, '', false)) {
    aegir_fail('SPIP stopped at version ' . sql_getfetsel('valeur', 'spip_meta', "nom='version_installee'"));
  }
}
foreach ([_CACHE_RUBRIQUES, _CACHE_PIPELINES, _CACHE_PLUGINS_PATH, _CACHE_PLUGINS_OPT, _CACHE_PLUGINS_FCT, _CACHE_CHEMIN] as $cache) {
  spip_unlink($cache);
}
actualise_plugins_actifs();
plugin_installes_meta();
lire_metas();
$to = (string) sql_getfetsel('valeur', 'spip_meta', "nom='version_installee'");
if ($to !== $wanted) {
  aegir_fail("the database has version $to after its update, the code wants $wanted");
}
$errors = $GLOBALS['meta']['plugin_erreur_activation'] ?? '';
if ($errors !== '' && $errors !== 'a:0:{}') {
  fwrite(STDERR, "plugins that could not be activated: $errors\n");
}
aegir_answer(['from' => $from, 'to' => $to]);
