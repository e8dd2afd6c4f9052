/** Goes up whenever the same seed would give other bytes. */
export const PHANTOM_VERSION = 5;
