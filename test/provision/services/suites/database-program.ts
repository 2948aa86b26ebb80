/**
 * PHP that reaches a site's database as a CMS does: `fill` makes a table of 300 rows with every byte and a long one, `count`
 * adds rows to another table, `sum` says how many rows there are and a checksum of all of them. The second
 * argument is what the driver says of the database.
 */
export const databaseProgram = `<?php
[, $verb, $access] = $argv;
$at = json_decode($access, true);
$db = $at['driver'] === 'sqlite'
  ? new PDO('sqlite:' . $at['file'])
  : new PDO("mysql:unix_socket=$at[socket];dbname=$at[database];charset=utf8mb4", $at['account'], '');
$db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$db->setAttribute(PDO::ATTR_TIMEOUT, 60);
if ($verb === 'fill') {
  $db->exec('CREATE TABLE thing (id INTEGER PRIMARY KEY, name VARCHAR(99), data LONGBLOB)');
  $db->exec('CREATE TABLE counter (n INTEGER)');
  $db->exec('CREATE VIEW few AS SELECT id, name FROM thing WHERE id < 10');
  $put = $db->prepare('INSERT INTO thing (id, name, data) VALUES (?, ?, ?)');
  $bytes = implode('', array_map('chr', range(0, 255)));
  for ($id = 1; $id <= 299; $id++) {
    $put->bindValue(1, $id, PDO::PARAM_INT);
    $put->bindValue(2, $id % 7 === 0 ? null : "Ünï ‘quoted’ \\\\ \\n 🌍 $id");
    $put->bindValue(3, str_repeat($bytes, 10), PDO::PARAM_LOB);
    $put->execute();
  }
  $put->bindValue(1, 300, PDO::PARAM_INT);
  $put->bindValue(2, '');
  $put->bindValue(3, str_repeat($bytes, 8000), PDO::PARAM_LOB);
  $put->execute();
}
if ($verb === 'count') {
  for ($n = 0; $n < 50; $n++) { $db->exec("INSERT INTO counter (n) VALUES ($n)"); }
}
$hash = hash_init('sha256');
$rows = 0;
foreach (['thing', 'few'] as $table) {
  foreach ($db->query("SELECT * FROM $table ORDER BY id", PDO::FETCH_ASSOC) as $row) {
    $rows += $table === 'thing' ? 1 : 0;
    hash_update($hash, json_encode(array_map(static fn ($cell) => $cell === null ? null : bin2hex((string) $cell), $row)));
  }
}
echo json_encode(['sum' => hash_final($hash), 'rows' => $rows, 'driver' => $db->getAttribute(PDO::ATTR_DRIVER_NAME)]);
`;
