/** The URI and address that the content of a kept release uses: the site may be renamed meanwhile. */
export const keptNames = `
ALTER TABLE release ADD COLUMN uri TEXT;
ALTER TABLE release ADD COLUMN address TEXT;
UPDATE release SET (uri, address) =
  (SELECT name, name FROM site_name WHERE site_name.site_id = release.site_id AND kind = 'uri') WHERE state = 'kept';
`;
