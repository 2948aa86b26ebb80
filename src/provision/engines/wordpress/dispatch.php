<?php
$aegir_settings = $_SERVER['AEGIR_SETTINGS'] ?? getenv('AEGIR_SETTINGS');
if (!is_string($aegir_settings) || !is_readable($aegir_settings)) {
  http_response_code(503);
  exit('This site has no settings.');
}
require $aegir_settings;
unset($aegir_settings);
if (!defined('ABSPATH')) {
  define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
