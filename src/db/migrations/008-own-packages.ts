/** Packages that a site has brought itself: no platform gives or lacks them. */
export const ownPackages = `
ALTER TABLE package ADD COLUMN own INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1));
`;
