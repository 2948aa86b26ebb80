import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/provision/engines/drupal/adopt.ts';
import { readConnect } from '../../../src/provision/engines/spip/adopt.ts';
import { readWpConfig } from '../../../src/provision/engines/wordpress/adopt.ts';

describe('the settings of an installation of its own', () => {
  it('of WordPress: constants in any quotes, comments left out, keys kept, another prefix kept', () => {
    const names = ['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY'];
    const salts = [...names, ...names.map((name) => name.replace('KEY', 'SALT'))];
    const found = readWpConfig(`<?php
      # define('DB_NAME', 'one'); // define('DB_NAME', 'two');
      /* define('DB_NAME', 'three'); */
      define( "DB_NAME" , "shop" ); define('DB_USER', 'me'); define('DB_PASSWORD', 'a\\'b#c//d');
      define('DB_HOST', 'db.example.org:3307'); $table_prefix  = 'x1_';
      ${salts.map((salt) => `define('${salt}', '${salt} #1');`).join('\n')}`);
    const database = {
      account: 'me',
      password: "a'b#c//d",
      name: 'shop',
      host: 'db.example.org',
      port: 3307,
      socket: '',
    };
    expect(found.database).toEqual(database);
    expect(found.settings['salts.php']).toContain(`define('NONCE_SALT', 'NONCE_SALT #1');`);
    expect(found.settings['local.settings.php']).toContain(`$table_prefix = 'x1_';`);
  });

  it('of WordPress: a database from the environment is not guessed', () => {
    expect(
      readWpConfig(`<?php define('DB_NAME', getenv('DB_NAME')); define('DB_USER', 'x');`).database,
    ).toBeUndefined();
  });

  it('of SPIP: the arguments of its connection; tables of another name are refused', () => {
    const line = (prefix: string): string =>
      `<?php spip_connect_db('localhost','','me','secret','site','mysql', '${prefix}','','utf8');`;
    expect(readConnect(line('spip')).database).toMatchObject({ host: 'localhost', account: 'me', name: 'site' });
    expect(() => readConnect(line('other'))).toThrow(/begin with "other_"/);
  });

  it('of Drupal: the default database, the salt, a prefix', () => {
    const found = readSettings(`<?php
      /**
       * $databases['default']['default'] = ['database' => 'example'];
       */
      $databases['default']['default'] = array (
        'database' => 'site', 'username' => 'me', 'password' => 'p;w', 'prefix' => 'd_', 'host' => '127.0.0.1',
        'port' => '', 'driver' => 'mysql',
      );
      $settings['hash_salt'] = 'salty';`);
    expect(found.database).toMatchObject({ name: 'site', account: 'me', host: '127.0.0.1', port: 3306 });
    expect(found.settings['salt.php']).toContain(`return 'salty';`);
    expect(found.settings['local.settings.php']).toContain(`['prefix'] = 'd_';`);
  });
});

describe('what settings say beside that', () => {
  it('is told statement by statement, without what we say ourselves or the CMS has brought', () => {
    const php = `<?php
      $databases = []; # none
      $settings['hash_salt'] = 'a;b'; $settings['update_free_access'] = FALSE;
      $settings['reverse_proxy'] = TRUE;
      $config['smtp.settings'] = ['password' => 'a;)b', 'f' => function () { return 1; }];
      if (file_exists($app_root . '/settings.local.php')) {
        include $app_root . '/settings.local.php';
      }
      ?>`;
    expect(readSettings(php).more?.map((text) => text.split(/ = | \{/)[0])).toEqual([
      `$settings['reverse_proxy']`,
      `$config['smtp.settings']`,
      `if (file_exists($app_root . '/settings.local.php'))`,
    ]);
    const wp = `<?php define('DB_NAME', 'x'); $table_prefix = 'wp_'; define( 'WP_ALLOW_MULTISITE', true );
      define( 'WP_DEBUG', false );
      if ( ! defined( 'ABSPATH' ) ) { define( 'ABSPATH', __DIR__ . '/' ); }
      require_once ABSPATH . 'wp-settings.php';`;
    expect(readWpConfig(wp).more).toEqual([`define( 'WP_ALLOW_MULTISITE', true );`]);
  });
});
