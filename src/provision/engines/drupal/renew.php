<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Gives a copy of a site secrets of its own: its private key and the key of its cron. Sessions of the source end in it.

  php renew.php < site.json

It reads {"root", "site", "url"} (see install.php --help) and answers {"aegir":1,"ok":true}.
HELP);

$input = aegir_input(['root', 'site', 'url']);
require __DIR__ . '/boot.php';
aegir_boot($input);

\Drupal::service('private_key')->set(\Drupal\Component\Utility\Crypt::randomBytesBase64(55));
\Drupal::state()->set('system.cron_key', \Drupal\Component\Utility\Crypt::randomBytesBase64(55));
$db = \Drupal::database();
if ($db->schema()->tableExists('sessions')) {
  $db->truncate('sessions')->execute();
}
aegir_answer([]);
