export { type Split, type SplitOptions, assertDisjoint, splitByPatient } from './split-by-patient';
export { readSplit, writeSplit } from './split-file';
