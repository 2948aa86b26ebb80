<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Brings the database of WordPress to the version of its code.

  php update.php < site.json

It reads {"root", "settings", "url"} (see install.php --help) and answers
{"aegir":1,"ok":true,"from":"53496","to":"60421"}. A database that is up to date is left as it is.
HELP);

$input = aegir_input(['root', 'settings', 'url']);
define('WP_INSTALLING', true);
require __DIR__ . '/boot.php';
aegir_boot($input);
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

if (!is_blog_installed()) {
  aegir_fail('the database holds no installed WordPress');
}
$from = (string) get_option('db_version');
if ((int) $from > (int) $GLOBALS['wp_db_version']) {
  aegir_fail("the database has version $from, newer than the code's {$GLOBALS['wp_db_version']}");
}
wp_upgrade();
wp_cache_flush();
$to = (string) get_option('db_version');
if ((int) $to !== (int) $GLOBALS['wp_db_version']) {
  aegir_fail("the database has version $to after its update, the code wants {$GLOBALS['wp_db_version']}: {$GLOBALS['wpdb']->last_error}");
}
aegir_answer(['from' => $from, 'to' => $to]);
