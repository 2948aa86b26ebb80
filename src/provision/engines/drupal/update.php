<?php
use Drupal\Core\Update\UpdateKernel;
use Symfony\Component\HttpFoundation\Request;

require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Brings the database of Drupal to the version of its code, as update.php does.

  php update.php < site.json

It reads {"root", "site", "url"} (see install.php --help) and answers
{"aegir":1,"ok":true,"updates":["system_update_10201"]}. A database that is up to date is left as it is.
HELP);

$input = aegir_input(['root', 'site', 'url']);
require __DIR__ . '/boot.php';
aegir_environment($input);
set_time_limit(0);

$autoloader = require $input['root'] . '/autoload.php';
$request = Request::createFromGlobals();
// The kernel of update.php, which does not use caches filled by the old code.
$kernel = UpdateKernel::createFromRequest($request, $autoloader, 'prod', false, $input['root']);
$kernel->boot();
$kernel->preHandle($request);
$kernel->getContainer()->get('request_stack')->push($request);
require_once $input['root'] . '/core/includes/install.inc';
require_once $input['root'] . '/core/includes/update.inc';
// The driver is a module, which is not installed in a site that used another kind of database.
$driver = method_exists(\Drupal::database(), 'getProvider') ? \Drupal::database()->getProvider() : 'core';
if ($driver !== 'core' && !\Drupal::moduleHandler()->moduleExists($driver)) {
  \Drupal::service('module_installer')->install([$driver]);
}
drupal_load_updates();

foreach (update_check_requirements() as $requirement) {
  if (($requirement['severity'] ?? 0) === REQUIREMENT_ERROR) {
    aegir_fail('it cannot be updated: ' . strip_tags((string) ($requirement['description'] ?? $requirement['title'] ?? '')));
  }
}
$done = [];
$start = array_filter(array_map(static fn (array $module) => $module['start'] ?? null, update_get_update_list()));
foreach (update_resolve_dependencies($start) as $function => $update) {
  if (!$update['allowed']) {
    aegir_fail("$function needs another update that is missing");
  }
  $needs = array_keys($update['reverse_paths'] ?? []);
  aegir_do($function, static fn (array &$context) => update_do_one($update['module'], $update['number'], $needs, $context));
  $done[] = $function;
}
if ($done) {
  drupal_flush_all_caches();
}
foreach (\Drupal::service('update.post_update_registry')->getPendingUpdateFunctions() as $function) {
  aegir_do($function, static fn (array &$context) => update_invoke_post_update($function, $context));
  $done[] = $function;
}
drupal_flush_all_caches();
aegir_answer(['updates' => $done]);

/** Runs one update until it reports that it has finished; some work in batches. */
function aegir_do(string $function, Closure $work): void {
  $context = ['sandbox' => [], 'results' => [], 'message' => '', 'finished' => 1];
  do {
    $context['finished'] = 1;
    $work($context);
    if (!empty($context['results']['#abort'])) {
      $words = '';
      array_walk_recursive($context['results'], static function ($value) use (&$words): void {
        $words .= is_scalar($value) || $value instanceof Stringable ? ' ' . strip_tags((string) $value) : '';
      });
      aegir_fail("$function failed:$words");
    }
  } while ($context['finished'] < 1);
}
