<?php
/**
 * Shared by the programs of all engines: reading the task from standard input, and answering with one JSON line
 * whatever the CMS prints, and even if it dies or exits.
 */

/** Shows the help text of a program for --help, and for a terminal that would wait for input for ever. */
function aegir_help(array $argv, string $help): void {
  if (in_array('--help', $argv, true) || stream_isatty(STDIN)) {
    fwrite(STDOUT, trim($help) . "\n");
    exit(0);
  }
}

/** Reads a JSON document from standard input and checks that the named keys exist. */
function aegir_input(array $required): array {
  $input = json_decode((string) stream_get_contents(STDIN), true);
  if (!is_array($input)) {
    aegir_fail('standard input is not a JSON object');
  }
  foreach ($required as $key) {
    if (!array_key_exists($key, $input)) {
      aegir_fail("the input has no \"$key\"");
    }
  }
  // Output of the CMS is not part of the answer; it goes to stderr, where it can be logged.
  ob_start(static function (string $text): string {
    $plain = aegir_words($text);
    if ($plain !== '') {
      fwrite(STDERR, preg_replace('~\s*\n\s*~', "\n", $plain) . "\n");
    }
    return '';
  });
  register_shutdown_function('aegir_end');
  set_exception_handler(static function (Throwable $error): void {
    aegir_fail(get_class($error) . ': ' . $error->getMessage() . ' in ' . $error->getFile() . ':' . $error->getLine());
  });
  return $input;
}

/** The visible text of a page. */
function aegir_words(string $page): string {
  return trim(html_entity_decode(strip_tags(preg_replace('~<(style|script|head)\b.*?</\1>~is', ' ', $page) ?? '')));
}

/** A request as from a browser; many CMSs check these variables first. */
function aegir_request(string $url): void {
  $parts = parse_url($url);
  $port = $parts['port'] ?? ($parts['scheme'] === 'https' ? 443 : 80);
  $_SERVER['HTTP_HOST'] = $parts['host'] . (isset($parts['port']) ? ':' . $parts['port'] : '');
  $_SERVER['SERVER_NAME'] = $parts['host'];
  $_SERVER['SERVER_PORT'] = (string) $port;
  $_SERVER['REMOTE_ADDR'] = '127.0.0.1';
  $_SERVER['REQUEST_METHOD'] = 'GET';
  $_SERVER['REQUEST_URI'] = '/';
  $_SERVER['QUERY_STRING'] = '';
  $_SERVER['SCRIPT_NAME'] = '/index.php';
  $_SERVER['PHP_SELF'] = '/index.php';
  $_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
  $_SERVER['SERVER_SOFTWARE'] = 'aegir';
  $_SERVER['HTTP_USER_AGENT'] = 'aegir';
  if ($parts['scheme'] === 'https') {
    $_SERVER['HTTPS'] = 'on';
  }
}

/** Sets a variable where both $_SERVER and getenv() find it, as FastCGI would. */
function aegir_param(string $name, string $value): void {
  $_SERVER[$name] = $value;
  putenv("$name=$value");
}

/** Answers success and exits. */
function aegir_answer(array $facts = []): never {
  aegir_say(['ok' => true] + $facts);
}

/** Answers failure with a reason and exits. */
function aegir_fail(string $reason): never {
  aegir_say(['ok' => false, 'error' => $reason]);
}

function aegir_say(array $answer): never {
  static $said = false;
  if (!$said) {
    $said = true;
    while (ob_get_level() > 0) {
      ob_end_clean();
    }
    $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;
    fwrite(STDOUT, "\n" . json_encode(['aegir' => 1] + $answer, $flags) . "\n");
    $GLOBALS['aegir_answered'] = true;
  }
  exit($answer['ok'] ? 0 : 1);
}

/** At the end of the process: without an answer the program has failed, even if the CMS called exit(). */
function aegir_end(): void {
  if (!empty($GLOBALS['aegir_answered'])) {
    return;
  }
  $error = error_get_last();
  $fatal = $error !== null && ($error['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR));
  $page = '';
  if (ob_get_level() > 0) {
    $page = trim(preg_replace('~\s+~', ' ', aegir_words((string) ob_get_contents())) ?? '');
  }
  aegir_fail($fatal
    ? "PHP: {$error['message']} in {$error['file']}:{$error['line']}"
    : 'the CMS ended the program' . ($page === '' ? ' without output' : ' with the page: ' . mb_substr($page, 0, 500)));
}
