import { defineErrors } from 'coded-error';

export const dicomError = defineErrors({
  DICOM_NOT_FOUND: {
    message: 'there is no file or folder {path}',
    hint: 'Check the path; it may be a folder of DICOM files, a zip archive of them, or one file.',
    status: 404,
  },
  DICOM_NO_SERIES: {
    message: '{path} holds no series of images: {found}',
    hint: 'Point at the folder, zip archive or file that holds the slices of a CT series.',
    status: 400,
  },
  DICOM_NOT_DICOM: {
    message: '{file} is not a DICOM file',
    hint: 'Export the series as DICOM (Part 10) files.',
    status: 400,
  },
  DICOM_DAMAGED: {
    message: '{file} is damaged: {why}',
    hint: 'Copy or export the file again.',
    status: 400,
  },
  DICOM_TRUNCATED: {
    message: '{file} is truncated: it holds {found} bytes of pixels, its header tells of {expected}',
    hint: 'Copy or export the file again.',
    status: 400,
  },
  DICOM_MISSING_TAG: {
    message: '{file} has no {tag}',
    hint: '{way}',
    status: 400,
  },
  DICOM_BAD_VALUE: {
    message: '{file}: {tag} = {value} is not valid: {why}',
    hint: 'Export the series again; if the value is known, `dcmodify` of DCMTK can correct it.',
    status: 400,
  },
  DICOM_UNSUPPORTED: {
    message: '{file}: {what} is not supported',
    hint: '{way}',
    status: 415,
  },
  DICOM_TOO_LARGE: {
    message: '{file} tells of {voxels} voxels, more than the limit of {limit}',
    hint: 'Check Rows, Columns and NumberOfFrames, or leave out a part of the series.',
    status: 413,
  },
  DICOM_MISSING_SLICES: {
    message: 'the series of {file} lacks {count} slices: {where}',
    hint: 'Export the series again with all its slices; slices must not be interpolated over a gap.',
    status: 400,
  },
  DICOM_DUPLICATE_SLICES: {
    message: 'the series of {file} has different slices at the same place: {where}',
    hint: 'Keep one file of each place: two reconstructions seem to share one series.',
    status: 400,
  },
  DICOM_UNEVEN_SLICES: {
    message: 'the series of {file} is not evenly spaced: {where}',
    hint: 'Export the part of the series that has one spacing; for example the thin slices only.',
    status: 400,
  },
  DICOM_SHIFTED_SLICES: {
    message: 'the series of {file} has slices that do not lie above one another: {where}',
    hint: 'Export the series again without slices that were moved or come from another acquisition.',
    status: 400,
  },
  DICOM_ZIP_DAMAGED: {
    message: '{path} is a damaged zip archive: {why}',
    hint: 'Copy or download the archive again.',
    status: 400,
  },
  DICOM_ZIP_ENCRYPTED: {
    message: '{path} is encrypted: {file} needs a password',
    hint: 'Unpack the archive with its password, and read the folder.',
    status: 400,
  },
  DICOM_ZIP_TOO_LARGE: {
    message: '{path} tells of {unpacked} bytes in {entries} files for {packed} bytes packed, more than is sensible',
    hint: 'If the archive is what it should be, unpack it and read the folder.',
    status: 413,
  },
});
