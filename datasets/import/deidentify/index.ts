export { defaultKeyFile, openKey } from './key';
export { PROFILE_EDITION, type ProfileOptions, confidentialityProfile } from './profile';
export { type Pseudonyms, createPseudonyms } from './pseudonyms';
export { type Refusal } from './refuse-image';
export { type OpenedDicom, deidentifyElements, openDicom, writeDicom } from './rewrite-dicom';
export { Tally, type TallyRow } from './tally';
