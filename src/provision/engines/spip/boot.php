<?php
/**
 * Boots SPIP for a program that has read its `$input`, and connects it to its database. In the program's own scope: the
 * code of SPIP sets variables that it looks for among the global ones. Constants of SPIP are to be defined before;
 * with `_AEGIR_NO_TABLES` nothing is connected.
 */
aegir_param('AEGIR_SITE', $input['site']);
aegir_request($input['url']);
chdir($input['root'] . '/ecrire');
// Marks with which SPIP avoids its database for half a minute after a failure; the database may be back.
foreach (glob($input['root'] . '/sites/' . $input['site'] . '/tmp/*.out') ?: [] as $mark) {
  @unlink($mark);
}
define('_ESPACE_PRIVE', true);
define('_AEGIR_PROGRAM', true);
// Otherwise SPIP would redirect to its installer.
$_GET['exec'] = 'install';
$_REQUEST['exec'] = 'install';
// Since 4.4 Composer loads the code; without it inc_version.php returns at once.
if (is_file($input['root'] . '/vendor/autoload.php')) {
  require $input['root'] . '/vendor/autoload.php';
}
require 'inc_version.php';
include_spip('base/abstract_sql');
include_spip('inc/meta');
if (!defined('_AEGIR_NO_TABLES') && !spip_connect()) {
  aegir_fail('SPIP cannot reach its database');
}
