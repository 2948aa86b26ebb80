import { join } from 'node:path';
import { type SiteContext, sitePaths } from '../../../../src/provision/model/context.ts';
import { writeTree } from '../real-site.ts';

/** Tells what it was given, or does what `do` asks for. */
const program = `<?php
$path = $_GET['path'] ?? '';
header('Content-Type: application/json');
switch ($_GET['do'] ?? '') {
  case 'header': header('X-Frame-Options: DENY'); $answer = true; break;
  case 'cookies': setcookie('a', '1'); setcookie('b', '2'); $answer = $_COOKIE; break;
  case 'upload': $answer = strlen(file_get_contents('php://input')); break;
  case 'ini': $answer = ini_get($path); break;
  case 'set': @ini_set($path, '4096M'); $answer = ini_get($path); break;
  case 'read': $answer = @file_get_contents($path) !== false; break;
  case 'write': $answer = @file_put_contents($path, 'written') !== false; break;
  case 'log': error_log('a line of ' . $_SERVER['AEGIR_SITE']); $answer = true; break;
  case 'work':
    file_put_contents($path, 'begun');
    for ($end = microtime(true) + 2; microtime(true) < $end;) { md5('x'); }
    file_put_contents($path, 'done');
    $answer = 'worked';
    break;
  case 'forever': while (true) { md5('x'); }
  case 'memory': $all = []; while (true) { $all[] = str_repeat('x', 1000000); }
  default: $answer = ['ran' => substr(__FILE__, strlen($_SERVER['DOCUMENT_ROOT'])), 'server' => $_SERVER, 'get' => $_GET];
}
echo json_encode($answer);
`;

/** A code base and uploads with one of everything that a visitor may ask for, and much that none may see. */
export function writeSampleTree(site: SiteContext): void {
  writeTree(join(site.platform.root, 'web'), {
    'index.php': program,
    'update.php': program,
    'other.php': program,
    'upper.PHP': 'SOURCE',
    'old.phtml': 'SOURCE',
    'admin/index.php': program,
    'admin/install.php': program,
    'core/style.css': 'body {}',
    'page.txt': 'page',
    'sample.module': 'SOURCE',
    'config/secret.txt': 'SECRET',
    '.git/config': 'SECRET',
    'core/.env': 'SECRET',
    '.well-known/security.txt': 'Contact: x',
    '.well-known/.hidden': 'SECRET',
    'dump.sql.gz': 'SECRET',
    'index.php~': 'SOURCE',
    'index.php.bak': 'SOURCE',
    'composer.json': 'SOURCE',
  });
  const { files } = sitePaths(site);
  writeTree(
    files,
    {
      'picture.txt': 'picture',
      'evil.php': 'SOURCE',
      'evil.PhP5': 'SOURCE',
      'evil.phar': 'SOURCE',
      'sub/evil.cgi': 'SOURCE',
      '.htaccess': 'SECRET',
      'backup.sql': 'SECRET',
      'drawing.svg': '<svg/>',
      'page.html': '<p>',
      'made/there.css': 'there',
    },
    site.uid,
  );
}
