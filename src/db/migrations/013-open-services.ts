/** Allows services of any kind, and several of one kind: the drivers of a program define the kinds. */
export const openServices = `
CREATE TABLE service_open (
  id INTEGER PRIMARY KEY,
  server_id INTEGER NOT NULL REFERENCES server (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  driver TEXT NOT NULL,
  version TEXT NOT NULL,
  settings TEXT NOT NULL CHECK (json_valid(settings))
) STRICT;
INSERT INTO service_open SELECT id, server_id, kind, driver, version, settings FROM service ORDER BY id;
DROP TABLE service;
ALTER TABLE service_open RENAME TO service;
CREATE INDEX service_server ON service (server_id, kind);
`;
