<?php
// The database of a site without MariaDB: WordPress's own SQLite plugin, which lies in the platform.
defined('DB_ENGINE') || define('DB_ENGINE', 'sqlite');
defined('DATABASE_TYPE') || define('DATABASE_TYPE', 'sqlite');
require_once ABSPATH . 'wp-content/plugins/sqlite-database-integration/wp-includes/sqlite/db.php';
