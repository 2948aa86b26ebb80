/** The name of a backup as the program makes them, for the examples of help. */
export const SAMPLE_BACKUP = 'shop.example.org-20260801T030000Z-0a1b2c';
