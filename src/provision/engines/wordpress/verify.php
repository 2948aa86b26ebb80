<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Boots WordPress and says what it finds; changes nothing.

  php verify.php < site.json

It reads {"root", "settings", "url"} (see install.php --help) and answers
{"aegir":1,"ok":true,"version","databaseVersion","title","url","packages":[{"kind","name","title","version","own"}],
"warnings":["the active plugin shop/shop.php: ..."]}.
HELP);

$input = aegir_input(['root', 'settings', 'url']);
require __DIR__ . '/boot.php';
aegir_boot($input);
require_once ABSPATH . 'wp-admin/includes/plugin.php';

if (!is_blog_installed()) {
  aegir_fail('the database holds no installed WordPress');
}
// A plugin or theme that is not in the platform belongs to the site.
$own = static fn (string $folder): bool => !str_starts_with((string) realpath($folder), realpath(ABSPATH) . '/');
$packages = [];
foreach (get_plugins() as $file => $plugin) {
  if (is_plugin_active($file)) {
    $packages[] = ['kind' => 'plugin', 'name' => explode('/', $file)[0], 'title' => $plugin['Name'], 'version' => $plugin['Version'], 'own' => $own(WP_PLUGIN_DIR)];
  }
}
// WordPress skips these silently.
$warnings = [];
foreach ((array) get_option('active_plugins', []) as $file) {
  $fault = validate_plugin($file) ?: validate_plugin_requirements($file);
  if (is_wp_error($fault)) {
    $warnings[] = "the active plugin $file: " . trim(html_entity_decode(strip_tags($fault->get_error_message())));
  }
}
$theme = wp_get_theme();
if (!$theme->exists()) {
  aegir_fail("the theme \"{$theme->get_stylesheet()}\" is missing");
}
// The parent of a child theme.
foreach (array_filter([$theme, $theme->parent()]) as $used) {
  $packages[] = ['kind' => 'theme', 'name' => $used->get_stylesheet(), 'title' => $used->get('Name'), 'version' => (string) $used->get('Version'), 'own' => $own($used->get_theme_root())];
}
aegir_answer([
  'version' => $GLOBALS['wp_version'],
  'databaseVersion' => (string) get_option('db_version'),
  'title' => get_option('blogname'),
  // The stored value, since the settings override it.
  'url' => (string) $GLOBALS['wpdb']->get_var("SELECT option_value FROM {$GLOBALS['wpdb']->options} WHERE option_name = 'home'"),
  'packages' => $packages,
  'warnings' => $warnings,
]);
