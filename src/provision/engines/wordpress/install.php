<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Installs WordPress into an empty database.

  php install.php < site.json

Run it as the user who owns the site. It reads one JSON object:
  root        folder of the code (wp-load.php lies there)
  settings    file with the constants of the site (DB_NAME, WP_HOME ...)
  url         address of the site, such as https://shop.example.org
  title       title of the site
  language    such as en or fr_FR; taken when the code has it
  admin       {"name", "mail", "password"}
  extensions  folder for the site's own plugins and themes

It answers with one line: {"aegir":1,"ok":true,"version":"6.8.1"}
or {"aegir":1,"ok":false,"error":"..."}. A site that is installed is left as it is.
HELP);

$input = aegir_input(['root', 'settings', 'url', 'title', 'admin', 'extensions']);

foreach (['plugins', 'themes', 'upgrade'] as $folder) {
  if (!is_dir("{$input['extensions']}/$folder")) {
    mkdir("{$input['extensions']}/$folder", 0750);
  }
}

// WordPress looks for its drop-in among the site's own extensions; on MariaDB it does nothing.
file_put_contents("{$input['extensions']}/db.php", "<?php\nif (defined('AEGIR_DB')) {\n  require AEGIR_DB;\n}\n");

define('WP_INSTALLING', true);

// Pluggable: the installer would send a mail.
function wp_new_blog_notification($title, $url, $user, $password) {
}

require __DIR__ . '/boot.php';
aegir_boot($input);
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

if (!is_blog_installed()) {
  $language = $input['language'] ?? '';
  $known = get_available_languages(ABSPATH . 'wp-content/languages');
  $admin = $input['admin'];
  wp_install($input['title'], $admin['name'], $admin['mail'], true, '', wp_slash($admin['password']), in_array($language, $known, true) ? $language : '');
  update_option('permalink_structure', '/%year%/%monthnum%/%day%/%postname%/');
  $GLOBALS['wp_rewrite']->init();
  flush_rewrite_rules(false);
}

// Asked of the database itself: an installer that stopped half-way says nothing.
wp_cache_flush();
if (!is_blog_installed() || !get_user_by('login', $input['admin']['name']) || get_option('home') === false) {
  aegir_fail('WordPress did not finish its installation: ' . ($GLOBALS['wpdb']->last_error ?: 'no account was made'));
}
aegir_answer(['version' => $GLOBALS['wp_version']]);
