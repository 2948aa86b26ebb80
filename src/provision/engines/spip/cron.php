<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Runs the jobs of SPIP whose time has come.

  php cron.php < site.json

It reads {"root", "site", "url"} (see install.php --help) and answers {"aegir":1,"ok":true,"jobs":3}.
HELP);

$input = aegir_input(['root', 'site', 'url']);
// SPIP limits its jobs to what a visitor would wait for; here nobody waits.
define('_JQ_MAX_JOBS_TIME_TO_EXECUTE', 240);
require __DIR__ . '/boot.php';
lire_metas();
include_spip('inc/plugin');
include_spip('inc/queue');
include_spip('inc/genie');
$waiting = static fn (): int => (int) sql_countsel('spip_jobs', 'status=' . _JQ_SCHEDULED . ' AND date<=' . sql_quote(date('Y-m-d H:i:s')));
genie_queue_watch_dist();
queue_update_next_job_time();
$before = $waiting();
queue_schedule();
aegir_answer(['jobs' => max(0, $before - $waiting())]);
