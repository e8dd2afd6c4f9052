import { defineErrors } from 'coded-error';
import { type RaiseFault, faultRows } from '../voxel-files';

export const metaImageError = defineErrors({
  ...faultRows('METAIMAGE'),
  METAIMAGE_NOT_A_HEADER: {
    message: '{file} is not a MetaImage header: {why}',
    hint: 'A header is lines of `Key = value` that end with ElementDataFile.',
    status: 400,
  },
  METAIMAGE_MISSING_KEY: {
    message: '{file} has no line `{key} = …`',
    hint: 'Write the image again with a tool that keeps its geometry, for example SimpleITK.',
    status: 400,
  },
  METAIMAGE_BAD_VALUE: {
    message: '{file}: `{key} = {value}` is not valid: {why}',
    hint: 'Correct this line of the header.',
    status: 400,
  },
  METAIMAGE_UNSUPPORTED: {
    message: '{file}: `{key} = {value}` is not supported: {why}',
    hint: 'Convert the image to a three-dimensional scalar MetaImage, for example with SimpleITK.',
    status: 415,
  },
  METAIMAGE_BAD_EXTENSION: {
    message: '{file} is not a name for a MetaImage',
    hint: 'Use a name that ends in .mhd (with .raw or .zraw beside it) or in .mha (one file).',
  },
  METAIMAGE_CLOSED: {
    message: '{file} was closed before this read',
    hint: 'Read every region before close(), or open the image again.',
  },
  METAIMAGE_TARGET_LENGTH: {
    message: 'the array for a region holds {found} voxels, the region {expected}',
    hint: 'Give an array of slices × rows × columns, or none to get a new one.',
  },
  METAIMAGE_DATA_MISSING: {
    message: 'the header tells of its voxels in {dataFile}, which was not given',
    hint: 'Send the data file too, or one .mha file that holds both.',
    status: 400,
  },
});

export const raiseFault: RaiseFault = (fault, details, cause) => metaImageError(`METAIMAGE_${fault}`, details, cause);
