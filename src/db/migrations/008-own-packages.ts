/** Packages that belong to the site itself, independent of platforms. */
export const ownPackages = `
ALTER TABLE package ADD COLUMN own INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1));
`;
