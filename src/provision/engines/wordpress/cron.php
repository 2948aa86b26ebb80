<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Runs what WordPress has planned for now, as wp-cron.php does.

  php cron.php < site.json

It reads {"root", "settings", "url", "network"} (see install.php --help); with "network" false nothing is asked of
other machines. It answers {"aegir":1,"ok":true,"jobs":3}.
HELP);

$input = aegir_input(['root', 'settings', 'url', 'network']);
define('DOING_CRON', true);
require __DIR__ . '/boot.php';
aegir_boot($input, $input['network']);

$jobs = 0;
foreach (wp_get_ready_cron_jobs() as $timestamp => $hooks) {
  foreach ($hooks as $hook => $events) {
    foreach ($events as $event) {
      // Scheduled again before it runs, so that a job that crashes is not restarted at once.
      if ($event['schedule']) {
        wp_reschedule_event($timestamp, $event['schedule'], $hook, $event['args']);
      }
      wp_unschedule_event($timestamp, $hook, $event['args']);
      do_action_ref_array($hook, $event['args']);
      $jobs++;
    }
  }
}
aegir_answer(['jobs' => $jobs]);
