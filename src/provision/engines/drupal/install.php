<?php
use Drupal\Core\Database\Database;

require dirname(__DIR__) . (is_file(dirname(__DIR__) . '/program.php') ? '/program.php' : '/common/program.php');

aegir_help($argv, <<<'HELP'
Installs Drupal 8 or newer into an empty database.

  php install.php < site.json

Run it as the user who owns the site. sites/SITE/settings.php must be there already, with $databases and
config_sync_directory. It reads one JSON object:
  root      document root of the code (index.php lies there)
  site      name of the folder below sites/
  url       address of the site, such as https://shop.example.org
  title     name of the site
  profile   install profile, such as standard
  language  language code; en unless its translation is at hand
  admin     {"name", "mail", "password"}
  folders   folders to make first: the config sync directory and others
  database  {"dsn", "account"}, as PDO takes them

It answers with one line: {"aegir":1,"ok":true,"version":"10.5.1"}
or {"aegir":1,"ok":false,"error":"..."}.
HELP);

$input = aegir_input(['root', 'site', 'url', 'title', 'profile', 'admin', 'folders', 'database']);
require __DIR__ . '/boot.php';

foreach ($input['folders'] as $folder) {
  if (!is_dir($folder)) {
    mkdir($folder, 0750, true);
  }
}
aegir_environment($input);

// The installer sends a mail to the new account where a mail program is found.
ini_set('sendmail_path', '/bin/true');
set_time_limit(0);
$autoloader = require $input['root'] . '/autoload.php';
require_once $input['root'] . '/core/includes/install.core.inc';

if (!aegir_installed($input['database'])) {
  $admin = $input['admin'];
  install_drupal($autoloader, [
    'interactive' => false,
    'site_path' => 'sites/' . $input['site'],
    'parameters' => ['profile' => $input['profile'], 'langcode' => $input['language'] ?? 'en'],
    'forms' => [
      'install_configure_form' => [
        'site_name' => $input['title'],
        'site_mail' => $admin['mail'],
        'account' => ['name' => $admin['name'], 'mail' => $admin['mail'], 'pass' => ['pass1' => $admin['password'], 'pass2' => $admin['password']]],
        // NULL leaves a box unticked; FALSE is refused as an illegal choice.
        'enable_update_status_module' => null,
        'enable_update_status_emails' => null,
      ],
    ],
  ]);
}
if (!aegir_installed($input['database'])) {
  aegir_fail('Drupal did not finish its installation');
}
aegir_answer(['version' => \Drupal::VERSION]);

/** Asked of the database itself: the installer's last word is the state "install_task". */
function aegir_installed(array $database): bool {
  $pdo = new PDO($database['dsn'], $database['account'], '');
  $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_SILENT);
  $row = $pdo->query("SELECT value FROM key_value WHERE collection = 'state' AND name = 'install_task'");
  return $row && @unserialize((string) $row->fetchColumn(), ['allowed_classes' => false]) === 'done';
}
