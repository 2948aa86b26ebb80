<?php
require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Makes a link that logs in once, within an hour.

  php login.php < site.json

It reads {"root", "site", "url", "user"} (see install.php --help); an empty user means the first webmaster.
It answers {"aegir":1,"ok":true,"url","expiresAt"}. The link needs the action "aegir_login" that Aegir Console
puts beside the settings.
HELP);

$input = aegir_input(['root', 'site', 'url', 'user']);
require __DIR__ . '/boot.php';
$id = $input['user'] === ''
  ? sql_getfetsel('id_auteur', 'spip_auteurs', "webmestre='oui' AND statut='0minirezo'", '', 'id_auteur', '0,1')
  : sql_getfetsel('id_auteur', 'spip_auteurs', 'login=' . sql_quote($input['user']) . " AND statut<>'5poubelle'");
if (!$id) {
  aegir_fail($input['user'] === '' ? 'the site has no webmaster' : "the site has no user \"{$input['user']}\"");
}
$selector = bin2hex(random_bytes(8));
$secret = bin2hex(random_bytes(32));
$expires = time() + 3600;
foreach (glob(_DIR_TMP . 'aegir-login-*.json') ?: [] as $old) {
  if (filemtime($old) < time() - 3600) {
    unlink($old);
  }
}
$file = _DIR_TMP . "aegir-login-$selector.json";
$token = json_encode(['user' => (int) $id, 'expires' => $expires, 'hash' => hash('sha256', $secret)]);
if (file_put_contents($file, $token) === false) {
  aegir_fail('the link could not be stored');
}
chmod($file, 0600);
aegir_answer(['url' => $input['url'] . "/spip.php?action=aegir_login&jeton=$selector.$secret", 'expiresAt' => gmdate('Y-m-d\TH:i:s\Z', $expires)]);
