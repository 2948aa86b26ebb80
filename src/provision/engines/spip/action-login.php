<?php
/**
 * Logs in by a link that Aegir Console made: spip.php?action=aegir_login&jeton=SELECTOR.SECRET. The token is a
 * file that only the site reads; removing it must succeed before anything is granted, so it works once.
 */
if (!defined('_ECRIRE_INC_VERSION')) {
  return;
}

function action_aegir_login_dist() {
  include_spip('inc/headers');
  include_spip('inc/auth');
  $token = null;
  if (preg_match('/^([a-f0-9]{16})\.([a-f0-9]{64})$/', (string) _request('jeton'), $match)) {
    $file = _DIR_TMP . "aegir-login-$match[1].json";
    $stored = is_file($file) ? json_decode((string) file_get_contents($file), true) : null;
    if (is_array($stored) && hash_equals($stored['hash'], hash('sha256', $match[2])) && unlink($file) && $stored['expires'] > time()) {
      $token = $stored;
    }
  }
  $row = $token ? sql_fetsel('*', 'spip_auteurs', 'id_auteur=' . intval($token['user'])) : null;
  if (!$row) {
    http_response_code(403);
    include_spip('inc/minipres');
    echo minipres('Login', 'This login link has been used or has expired. Ask for a new one: aegir site login.', ['status' => 403]);
    exit;
  }
  auth_loger($row);
  redirige_par_entete(url_absolue(generer_url_ecrire('accueil', '', true)));
}
