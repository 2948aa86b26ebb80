<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Installs SPIP 4 into an empty database, in three phases; each needs a process of its own.

  php install.php < site.json      with "phase": "tables", then "admin", then "plugins"

Run it as the user who owns the site. sites/SITE/connect.php must be there already. It reads one JSON object:
  phase     tables, admin or plugins
  root      folder of the code (spip.php lies there)
  site      name of the folder below sites/
  url       address of the site, such as https://shop.example.org
  title     name of the site
  language  language code, such as fr
  admin     {"name", "mail", "password"}; the password has 6 characters or more
  folders   folders to make first: IMG, local, squelettes, plugins
  database  {"type", "name", "account", "charset"}; type mysql or sqlite3

It answers with one line: {"aegir":1,"ok":true,"version":"4.4.21"}
or {"aegir":1,"ok":false,"error":"..."}.
HELP);

$input = aegir_input(['phase', 'root', 'site', 'url', 'title', 'admin', 'folders', 'database']);
foreach ($input['folders'] as $folder) {
  if (!is_dir($folder)) {
    mkdir($folder, 0750, true);
  }
}
$phases = ['tables' => 'aegir_tables', 'admin' => 'aegir_admin', 'plugins' => 'aegir_plugins'];
$phase = $phases[$input['phase']] ?? null;
if ($phase === null) {
  aegir_fail("there is no phase \"{$input['phase']}\"");
}
if ($input['phase'] === 'tables') {
  define('_AEGIR_NO_TABLES', true);
}
require __DIR__ . '/boot.php';
include_spip('base/create');
include_spip('inc/install');

$phase($input);
aegir_answer(['version' => $GLOBALS['spip_version_branche']]);

/**
 * Makes the tables and the first metas, on a connection that SPIP does not yet know by its settings
 * (ecrire/install/etape_3.php does the same).
 */
function aegir_tables(array $input): void {
  $database = $input['database'];
  $type = $database['type'];
  $GLOBALS['spip_connect_version'] = 0.8;
  $link = spip_connect_db('localhost', '', $database['account'], '', $database['name'], $type, 'spip', '', $database['charset']);
  if (!$link) {
    aegir_fail('SPIP cannot reach its database');
  }
  $functions = $GLOBALS['spip_' . $type . '_functions_' . $GLOBALS['spip_sql_version']];
  $GLOBALS['connexions'][$type] = ['prefixe' => 'spip', 'db' => $database['name'], $GLOBALS['spip_sql_version'] => $functions] + $link;
  $charsets = $type === 'mysql'
    ? ['charset_sql_base' => 'utf8mb4', 'charset_collation_sql_base' => 'utf8mb4_general_ci', 'charset_sql_connexion' => 'utf8mb4']
    : [];
  if ($charsets) {
    sql_set_charset('utf8mb4', $type);
  }
  foreach ($charsets as $name => $value) {
    $GLOBALS['meta'][$name] = $value;
  }
  creer_base($type);
  $metas = $charsets + [
    'version_installee' => $GLOBALS['spip_version_base'],
    'nouvelle_install' => '1',
  ];
  foreach ($metas as $name => $value) {
    if (!sql_countsel('spip_meta', 'nom=' . sql_quote($name, $type), '', '', $type)) {
      sql_insertq('spip_meta', ['nom' => $name, 'valeur' => $value, 'impt' => 'non'], [], $type);
    }
  }
  if (!sql_countsel('spip_meta', "nom='version_installee'", '', '', $type) || !sql_showtable('spip_auteurs', false, $type)) {
    aegir_fail('the tables were not made');
  }
}

/** Makes the administrator and the first settings. */
function aegir_admin(array $input): void {
  lire_metas();
  include_spip('inc/auth');
  include_spip('auth/spip');
  $admin = $input['admin'];
  if (function_exists('auth_spip_initialiser_secret')) {
    auth_spip_initialiser_secret();
  }
  $id = sql_getfetsel('id_auteur', 'spip_auteurs', 'login=' . sql_quote($admin['name']));
  if (!$id) {
    $id = sql_insertq('spip_auteurs', [
      'nom' => $admin['name'],
      'email' => $admin['mail'],
      'login' => $admin['name'],
      'statut' => '0minirezo',
      'webmestre' => 'oui',
    ]);
  }
  if (!auth_spip_modifier_pass($admin['name'], $admin['password'], (int) $id)) {
    aegir_fail('the password of the administrator was refused');
  }
  $config = charger_fonction('config', 'inc');
  $config();
  ecrire_meta('email_webmaster', $admin['mail']);
  ecrire_meta('nom_site', $input['title']);
  ecrire_meta('adresse_site', $input['url']);
  if (!empty($input['language'])) {
    ecrire_meta('langue_site', $input['language']);
  }
  include_spip('inc/plugin');
  actualise_plugins_actifs();
  if (!sql_countsel('spip_auteurs', 'id_auteur=' . intval($id) . " AND pass<>'' AND webmestre='oui'")) {
    aegir_fail('the administrator was not made');
  }
}

/** Installs the bundled plugins and ends the installation. */
function aegir_plugins(array $input): void {
  lire_metas();
  include_spip('inc/plugin');
  plugin_installes_meta();
  include_spip('inc/acces');
  if (function_exists('ecrire_acces')) {
    ecrire_acces();
  }
  effacer_meta('nouvelle_install');
  lire_metas();
  if (($GLOBALS['meta']['nom_site'] ?? '') !== $input['title']) {
    aegir_fail('SPIP did not keep its settings');
  }
}
