/** A backup name, for the examples in help. */
export const SAMPLE_BACKUP = 'shop.example.org-20260801T030000Z-0a1b2c';
