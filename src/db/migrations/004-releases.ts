/** A release that was replaced is kept for a while, so that the site can go back to it. */
export const keptReleases = `
-- ISO 8601 UTC; set where the state is 'kept'.
ALTER TABLE release ADD COLUMN kept_until TEXT;
`;
