export { checkBundle } from './check-bundle';
export { PROBABILITIES } from './contract';
