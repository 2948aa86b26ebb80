/** Each platform keeps the PHP that runs it when its server gets another: the branch of the only one there was. */
export const platformPhp = `
ALTER TABLE platform ADD COLUMN php TEXT NOT NULL DEFAULT '';
UPDATE platform SET php = coalesce((
  SELECT json_extract(service.settings, '$.branch') FROM service
  WHERE service.server_id = platform.server_id AND service.kind = 'php' ORDER BY service.id LIMIT 1
), '');
`;
