<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Boots SPIP and says what it finds; changes nothing of the content.

  php verify.php < site.json

It reads {"root", "site", "url"} (see install.php --help) and answers
{"aegir":1,"ok":true,"version","databaseVersion","title","url","packages":[{"kind","name","title","version","own"}]}.
HELP);

$input = aegir_input(['root', 'site', 'url']);
require __DIR__ . '/boot.php';
lire_metas();
$metas = $GLOBALS['meta'];
if (empty($metas['version_installee']) || !sql_countsel('spip_auteurs', "webmestre='oui'")) {
  aegir_fail('the database holds no installed SPIP');
}
$packages = [];
foreach (unserialize($metas['plugin'] ?? '', ['allowed_classes' => false]) ?: [] as $prefix => $plugin) {
  // SPIP also lists PHP and its extensions: those of whatever built the list last, command line or FPM.
  if (preg_match('/^php(:|$)/i', $prefix)) {
    continue;
  }
  $packages[] = ['kind' => 'plugin', 'name' => strtolower($prefix), 'title' => (string) ($plugin['nom'] ?? $prefix), 'version' => (string) ($plugin['version'] ?? ''), 'own' => ($plugin['dir_type'] ?? '') === '_DIR_PLUGINS'];
}
aegir_answer([
  'version' => $GLOBALS['spip_version_branche'],
  'databaseVersion' => (string) $metas['version_installee'],
  'title' => (string) ($metas['nom_site'] ?? ''),
  'url' => (string) ($metas['adresse_site'] ?? ''),
  'packages' => $packages,
]);
