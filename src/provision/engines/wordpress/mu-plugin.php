<?php
/**
 * Plugin Name: Aegir Console
 * Description: Themes of the platform, uploads in the site's own folder, and one-time login links.
 */

if (!defined('ABSPATH')) {
  return;
}

// Themes of the platform beside the site's own.
register_theme_directory(ABSPATH . 'wp-content/themes');

// WordPress stores where a theme lies; that is another place when the site has moved to another platform.
$aegir_root = static fn ($root) => is_string($root) && str_ends_with($root, '/wp-content/themes') ? ABSPATH . 'wp-content/themes' : $root;
add_filter('option_template_root', $aegir_root);
add_filter('option_stylesheet_root', $aegir_root);
add_filter('site_transient_theme_roots', static fn ($roots) => is_array($roots) ? array_map($aegir_root, $roots) : $roots);
unset($aegir_root);

// The site's own must-use plugins: this one lies where only root may write.
foreach (glob(WP_CONTENT_DIR . '/mu-plugins/*.php') ?: [] as $aegir_file) {
  include_once $aegir_file;
}
unset($aegir_file);

// Uploads lie outside the code.
add_filter('pre_option_upload_path', static fn () => AEGIR_FILES);
add_filter('pre_option_upload_url_path', static fn () => AEGIR_FILES_URL);

/**
 * Logs in by a link that was made for it: ?aegir_login=SELECTOR.SECRET. Deleting the stored token must succeed
 * before anything is granted, so that two requests with one link log in once.
 */
add_action('init', static function (): void {
  if (!isset($_GET['aegir_login']) || !is_string($_GET['aegir_login'])) {
    return;
  }
  nocache_headers();
  if (preg_match('/^([a-f0-9]{16})\.([a-f0-9]{64})$/', $_GET['aegir_login'], $match)) {
    $name = '_aegir_login_' . $match[1];
    $token = json_decode((string) get_option($name, ''), true);
    if (is_array($token) && hash_equals($token['hash'], hash('sha256', $match[2])) && delete_option($name) && $token['expires'] > time()) {
      wp_set_auth_cookie((int) $token['user'], false);
      wp_safe_redirect(admin_url());
      exit;
    }
  }
  wp_die('This login link has been used or has expired. Ask for a new one: aegir site login.', 'Login', ['response' => 403]);
}, 0);
