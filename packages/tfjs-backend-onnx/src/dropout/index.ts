export { dropout } from './dropout';
export type { DropoutOptions } from './dropout';
export { SeededDropout } from './seeded-dropout';
export type { SeededDropoutConfig } from './seeded-dropout';
