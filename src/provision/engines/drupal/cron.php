<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Runs Drupal's cron.

  php cron.php < site.json

It reads {"root", "site", "url"} (see install.php --help) and answers {"aegir":1,"ok":true}.
HELP);

$input = aegir_input(['root', 'site', 'url']);
require __DIR__ . '/boot.php';
aegir_boot($input);

if (!\Drupal::service('cron')->run()) {
  aegir_fail('cron runs already, or its last run was cut less than 15 minutes ago');
}
aegir_answer();
