export { type Split, type SplitOptions, assertDisjoint, splitByPatient } from './split-by-patient';
