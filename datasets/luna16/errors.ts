import { defineErrors } from 'coded-error';

export const luna16Error = defineErrors({
  LUNA16_NO_FOLDER: {
    message: 'there is no dataset folder {dir}',
    hint: 'Make a phantom dataset with `lungate data phantom`, or give the folder of a LUNA16 download.',
  },
  LUNA16_NO_SERIES: {
    message: '{dir} holds no scan: neither subsetN/<seriesuid>.mhd nor <seriesuid>.mhd',
    hint: 'Unpack at least one of the LUNA16 subsets there, or give the folder above them.',
  },
  LUNA16_DUPLICATE_SERIES: {
    message: '{file} and {other} are the same scan',
    hint: 'Remove one of the two: a scan that stands twice could be trained on and tested on.',
  },
  LUNA16_PATIENT_MISSING: {
    message: '{file} has no line for the series in {series}',
    hint: 'With a patients.csv every series needs its patient there; without the file each series is its own patient.',
  },
  LUNA16_TWO_PATIENTS: {
    message: '{file} gives two patients to the series {seriesUid}',
    hint: 'A scan shows one patient; correct the file.',
  },
  LUNA16_NO_SERIES_LISTED: {
    message: '{file} lists no series',
    hint: 'Name a file with one series a line, such as seriesuids.csv of the challenge: they are the scans that count.',
  },
  LUNA16_SERIES_LISTED_TWICE: {
    message: '{file}, line {line}: this series stands on line {first} already',
    hint: 'Remove one of the two: each scan counts once.',
  },
  LUNA16_NO_MARK_OF_SERIES: {
    message: 'none of the {marks} marks in {file} is of one of the {series} series',
    hint: 'Results and the list of series must name scans alike, and be of the same dataset.',
  },
  LUNA16_UNKNOWN_SERIES: {
    message: 'the dataset has no series {seriesUid}',
    hint: 'Ask for a series of the manifest.',
    status: 404,
  },
});
