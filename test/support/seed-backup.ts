import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes the folder of a backup of a.example.org with a manifest, as one that was read whole. */
export function seedBackupFolder(path: string, name: string): void {
  mkdirSync(path, { recursive: true });
  const part = { bytes: 1, fileBytes: 1, sha256: '' };
  const site = {
    ...{ uri: 'a.example.org', aliases: [], title: '', profile: 'd', language: 'en', client: 'admin' },
    ...{ admin: { name: 'a', mail: 'a@example.org' }, php: {}, web: {} },
    ...{ home: '/srv/aeg1', url: 'http://a.example.org' },
  };
  const manifest = {
    ...{ format: 1, name, createdAt: '2026-01-01T00:00:00.000Z', description: '', site, databaseDriver: 'mariadb' },
    platform: { name: 'one', engine: 'spip', version: '1', source: 'path:/srv/one' },
    ...{ packages: [], database: part, files: part, settings: {} },
  };
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest));
}
