import { defineErrors } from 'coded-error';
import { type RaiseFault, faultRows } from '../voxel-files';

export const niftiError = defineErrors({
  ...faultRows('NIFTI'),
  NIFTI_NOT_A_HEADER: {
    message: '{file} is not a NIfTI file: {why}',
    hint: 'A NIfTI-1 header has 348 bytes and ends in n+1 or ni1, a NIfTI-2 header 540 bytes. Analyze 7.5 files have no orientation: convert them, for example with nibabel.',
    status: 400,
  },
  NIFTI_BAD_VALUE: {
    message: '{file}: {field} = {value} is not valid: {why}',
    hint: 'Write the image again with a tool that keeps its geometry, for example nibabel or SimpleITK.',
    status: 400,
  },
  NIFTI_UNSUPPORTED: {
    message: '{file}: {field} = {value} is not supported: {why}',
    hint: 'Convert the image to one three-dimensional volume of numbers, for example with nibabel.',
    status: 415,
  },
  NIFTI_BAD_EXTENSION: {
    message: '{file} is not a name for a NIfTI file that we write',
    hint: 'Use a name that ends in .nii or .nii.gz.',
  },
  NIFTI_AXIS_TOO_LONG: {
    message: 'a volume of {size} voxels does not fit NIfTI-1, whose axes end at 32767',
    hint: 'Write it as .mhd, .mha or .nrrd.',
  },
});

export const raiseFault: RaiseFault = (fault, details, cause) => niftiError(`NIFTI_${fault}`, details, cause);
