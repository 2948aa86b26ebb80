<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Boots Drupal and says what it finds; changes nothing.

  php verify.php < site.json

It reads {"root", "site", "url"} (see install.php --help) and answers
{"aegir":1,"ok":true,"version","title","url","packages":[{"kind","name","title","version","own"}]}.
HELP);

$input = aegir_input(['root', 'site', 'url']);
require __DIR__ . '/boot.php';
aegir_boot($input);

if (\Drupal::state()->get('install_task') !== 'done') {
  aegir_fail('the database holds no finished Drupal installation');
}
$packages = [];
foreach (\Drupal::moduleHandler()->getModuleList() as $name => $module) {
  $packages[] = aegir_package($module->getType() === 'profile' ? 'profile' : 'module', $name, \Drupal::service('extension.list.module')->getExtensionInfo($name), $module->getPath());
}
foreach (\Drupal::service('theme_handler')->listInfo() as $name => $theme) {
  $packages[] = aegir_package('theme', $name, $theme->info, $theme->getPath());
}
aegir_answer([
  'version' => \Drupal::VERSION,
  'title' => (string) \Drupal::config('system.site')->get('name'),
  // Nothing of Drupal keeps it.
  'url' => '',
  'packages' => $packages,
]);

/** What lies below sites/ the site has brought; other paths are the platform's. */
function aegir_package(string $kind, string $name, array $info, string $path): array {
  return ['kind' => $kind, 'name' => $name, 'title' => (string) ($info['name'] ?? $name), 'version' => (string) ($info['version'] ?? ''), 'own' => str_starts_with($path, 'sites/') && !str_starts_with($path, 'sites/all/')];
}
