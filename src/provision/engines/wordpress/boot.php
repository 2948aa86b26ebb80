<?php
/** Boots WordPress for a program: as a request for the site's front page; without `$network` nothing is asked of other machines. */
function aegir_boot(array $input, bool $network = false): void {
  aegir_param('AEGIR_SETTINGS', $input['settings']);
  aegir_request($input['url']);
  // No loopback request, no update check: a program must not wait for the network.
  global $wp_filter, $wpdb, $wp_version, $wp_db_version;
  if (!$network) {
    define('WP_HTTP_BLOCK_EXTERNAL', true);
    $wp_filter['pre_http_request'][10]['aegir'] = [
      'function' => static fn () => new WP_Error('aegir', 'no requests from this program'),
      'accepted_args' => 1,
    ];
  }
  require_once $input['root'] . '/wp-load.php';
}
