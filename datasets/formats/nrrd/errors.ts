import { defineErrors } from 'coded-error';
import { type RaiseFault, faultRows } from '../voxel-files';

export const nrrdError = defineErrors({
  ...faultRows('NRRD'),
  NRRD_NOT_A_HEADER: {
    message: '{file} is not a NRRD file: {why}',
    hint: 'A NRRD header begins with NRRD0001 to NRRD0006 and is lines of `field: value` up to an empty line.',
    status: 400,
  },
  NRRD_MISSING_FIELD: {
    message: '{file} has no line `{field}: …`',
    hint: 'Write the image again with a tool that keeps its geometry, for example SimpleITK or 3D Slicer.',
    status: 400,
  },
  NRRD_BAD_VALUE: {
    message: '{file}: `{field}: {value}` is not valid: {why}',
    hint: 'Correct this line of the header.',
    status: 400,
  },
  NRRD_UNSUPPORTED: {
    message: '{file}: `{field}: {value}` is not supported: {why}',
    hint: 'Convert the image to a three-dimensional scalar NRRD with encoding raw or gzip, for example with SimpleITK.',
    status: 415,
  },
  NRRD_BAD_EXTENSION: {
    message: '{file} is not a name for a NRRD file',
    hint: 'Use a name that ends in .nrrd (one file) or in .nhdr (with .raw or .raw.gz beside it).',
  },
});

export const raiseFault: RaiseFault = (fault, details, cause) => nrrdError(`NRRD_${fault}`, details, cause);
