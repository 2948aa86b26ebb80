<?php
/** Boots SPIP for a program, in the folder ecrire/. With `$install`, SPIP does not send us to its installer. */
function aegir_boot(array $input, bool $install = false): void {
  aegir_param('AEGIR_SITE', $input['site']);
  aegir_request($input['url']);
  chdir($input['root'] . '/ecrire');
  // By these SPIP keeps from its database for half a minute after it was away; it may be back.
  foreach (glob($input['root'] . '/sites/' . $input['site'] . '/tmp/*.out') ?: [] as $mark) {
    @unlink($mark);
  }
  define('_ESPACE_PRIVE', true);
  define('_AEGIR_PROGRAM', true);
  if ($install) {
    $_GET['exec'] = 'install';
    $_REQUEST['exec'] = 'install';
  }
}
