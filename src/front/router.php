<?php
/**
 * Router of PHP's own web server for one site: runs the entry point that the front has chosen, with the variables that
 * the front passes. Requests from anyone else are refused.
 */
(static function (): void {
  $given = json_decode(base64_decode($_SERVER['HTTP_X_AEGIR_REQUEST'] ?? ''), true);
  $token = (string) getenv('AEGIR_TOKEN');
  if (!is_array($given) || $token === '' || !hash_equals($token, (string) ($given['token'] ?? ''))) {
    http_response_code(403);
    exit;
  }
  unset($_SERVER['HTTP_X_AEGIR_REQUEST']);
  putenv('AEGIR_TOKEN');
  foreach ($given['facts'] as $name => $value) {
    $_SERVER[$name] = $value;
  }
  if (($_SERVER['PATH_INFO'] ?? '') === '') {
    unset($_SERVER['PATH_INFO']);
  }
  $_SERVER['HTTP_HOST'] = $given['host'];
  // A path that means another brings a query of its own, which PHP has not seen in the address.
  parse_str($_SERVER['QUERY_STRING'], $_GET);
  $_REQUEST = $_POST + $_GET;
  chdir(dirname($_SERVER['SCRIPT_FILENAME']));
})();
require $_SERVER['SCRIPT_FILENAME'];
