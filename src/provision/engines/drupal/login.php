<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Makes a link that logs in once, by Drupal's own password reset.

  php login.php < site.json

It reads {"root", "site", "url", "user"} (see install.php --help); an empty user means account 1.
It answers {"aegir":1,"ok":true,"url","expiresAt"}.
HELP);

$input = aegir_input(['root', 'site', 'url', 'user']);
require __DIR__ . '/boot.php';
aegir_boot($input);

$account = $input['user'] === ''
  ? \Drupal\user\Entity\User::load(1)
  : user_load_by_name($input['user']);
if (!$account) {
  aegir_fail($input['user'] === '' ? 'the site has no account 1' : "the site has no user \"{$input['user']}\"");
}
if (!$account->isActive()) {
  aegir_fail("the account \"{$account->getAccountName()}\" is blocked");
}
$timeout = (int) \Drupal::config('user.settings')->get('password_reset_timeout');
aegir_answer([
  'url' => user_pass_reset_url($account) . '/login',
  'expiresAt' => gmdate('Y-m-d\TH:i:s\Z', \Drupal::time()->getRequestTime() + $timeout),
]);
