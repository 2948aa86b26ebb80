<?php
require_once __DIR__ . '/aegir_polyfill.php';
$aegir_site = $_SERVER['AEGIR_SITE'] ?? getenv('AEGIR_SITE');
if (!is_string($aegir_site) || !preg_match('/^[a-z0-9.-]+$/', $aegir_site) || !is_dir(_DIR_RACINE . "sites/$aegir_site")) {
  http_response_code(503);
  exit('This site has no settings.');
}
define('_DIR_SITE', _DIR_RACINE . "sites/$aegir_site/");
// While the tables are made there is no connection yet: with one, SPIP expects to be installed.
define('_DIR_CONNECT', defined('_AEGIR_NO_TABLES') ? _DIR_SITE . 'none/' : _DIR_SITE);
define('_DIR_CHMOD', _DIR_SITE);
define('_DIR_PLUGINS', _DIR_SITE . 'plugins/');
define('_SPIP_PATH', implode(':', [
  _DIR_SITE, _DIR_SITE . 'squelettes/', _DIR_RACINE, _DIR_RACINE . 'squelettes-dist/', _DIR_RACINE . 'prive/', _DIR_RESTREINT,
]));
require _DIR_SITE . 'mysocket.php';
require _DIR_SITE . 'local.settings.php';
// Jobs are run for the site, not by its visitors.
if (PHP_SAPI !== 'cli' && !defined('_DEBUG_BLOCK_QUEUE')) {
  define('_DEBUG_BLOCK_QUEUE', true);
}
if (function_exists('spip_initialisation_core')) {
  spip_initialisation_core(_DIR_SITE . 'config/', _DIR_SITE . 'IMG/', _DIR_SITE . 'tmp/', _DIR_SITE . 'local/');
}
unset($aegir_site);
