import { join } from 'node:path';
import { type SiteContext, sitePaths } from '../../../../src/provision/model/context.ts';
import { writeTree } from '../real-site.ts';

/** Tells what it was given, runs small commands of the test, and names itself. */
const program = `<?php
if (($_GET['do'] ?? '') === 'header') { header('X-Frame-Options: DENY'); }
header('Content-Type: application/json');
echo json_encode(['ran' => substr(__FILE__, strlen($_SERVER['DOCUMENT_ROOT'])), 'server' => $_SERVER, 'get' => $_GET]);
`;

/** A code base and uploads with one of everything that a visitor may ask for, and much that none may see. */
export function writeVhostFiles(site: SiteContext): void {
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
