export { splitError } from './errors';
export { type ExaminedSplit, type SplitSubjects, examineSplit } from './examine-split';
export { foldsByPatient, partsOfFold } from './folds';
export {
  PARTS,
  type Part,
  type Split,
  type SplitOptions,
  type Strata,
  assertDisjoint,
  splitByPatient,
} from './split-by-patient';
export { readStrata } from './strata';
export { type SubsetSplit, splitBySubset } from './split-by-subset';
export { type ReadSplitOptions, isCsvSplit, readSplit, writeSplit } from './split-file';
export type { SplitProblem, SplitProblemCode, SplitRow } from './split-table';
export { type WriteSplitFolderOptions, writeSplitFolder } from './write-split-folder';
