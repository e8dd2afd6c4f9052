import { defineErrors } from 'coded-error';

const READ =
  'MetaImage (.mhd, .mha), NIfTI (.nii, .nii.gz, .hdr with .img), NRRD (.nrrd, .nhdr), and DICOM (a folder, .zip or file of one series)';

export const formatError = defineErrors({
  FORMAT_NOT_FOUND: {
    message: 'there is no file or folder {path}',
    hint: 'Check the path.',
    status: 404,
  },
  FORMAT_UNKNOWN: {
    message: '{path} is no image of a format that is read',
    hint: `What is read: ${READ}. Voxels alone (.raw, .zraw) are read through their header.`,
    status: 415,
  },
  FORMAT_SEVERAL_SERIES: {
    message: '{path} holds {count} DICOM series, and one volume was asked for',
    hint: 'Point at the folder or files of one of them, or bring all of them in with `lungate data import`.',
    status: 400,
  },
  FORMAT_NOT_WRITTEN: {
    message: '{path} is not a name for a format that is written',
    hint: 'Use a name that ends in .mhd, .mha, .nii, .nii.gz, .nrrd or .nhdr.',
  },
  FORMAT_NOT_COMPRESSED: {
    message: '{path} cannot be compressed under this name',
    hint: 'Name it .nii.gz.',
  },
});
