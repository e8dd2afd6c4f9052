export { DATASET_FILE } from './description';
export { openNiftiCsv } from './open-nifti-csv';
