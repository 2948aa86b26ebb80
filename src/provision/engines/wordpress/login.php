<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Makes a link that logs in once, within an hour.

  php login.php < site.json

It reads {"root", "settings", "url", "user"} (see install.php --help); an empty user means the first
administrator. It answers {"aegir":1,"ok":true,"url","expiresAt"}. The link needs the must-use plugin that
Aegir Console puts beside the settings.
HELP);

$input = aegir_input(['root', 'settings', 'url', 'user']);
require __DIR__ . '/boot.php';
aegir_boot($input);

$name = $input['user'];
$found = $name === ''
  ? (get_users(['role' => 'administrator', 'orderby' => 'ID', 'number' => 1])[0] ?? null)
  : get_user_by('login', $name);
if (!$found) {
  aegir_fail($name === '' ? 'the site has no administrator' : "the site has no user \"$name\"");
}
$selector = bin2hex(random_bytes(8));
$secret = bin2hex(random_bytes(32));
$expires = time() + 3600;
// Links that nobody used do not pile up.
foreach ($GLOBALS['wpdb']->get_results("SELECT option_name, option_value FROM {$GLOBALS['wpdb']->options} WHERE option_name LIKE '\\_aegir\\_login\\_%'") as $row) {
  if ((json_decode($row->option_value, true)['expires'] ?? 0) < time()) {
    delete_option($row->option_name);
  }
}
$token = json_encode(['user' => $found->ID, 'expires' => $expires, 'hash' => hash('sha256', $secret)]);
if (!add_option("_aegir_login_$selector", $token, '', false)) {
  aegir_fail('the link could not be stored');
}
aegir_answer(['url' => $input['url'] . "/?aegir_login=$selector.$secret", 'expiresAt' => gmdate('Y-m-d\TH:i:s\Z', $expires)]);
