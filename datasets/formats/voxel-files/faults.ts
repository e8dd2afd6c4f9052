import type { CodedError, ErrorDetails, ErrorRow } from 'coded-error';

/** What can be wrong with files of voxels, whatever their format. */
export type DataFault = 'NOT_FOUND' | 'TRUNCATED' | 'WRONG_SIZE' | 'CORRUPT' | 'TOO_LARGE' | 'UNSAFE_NAME';

/** How a format raises such a fault under a code of its own. */
export type RaiseFault = (fault: DataFault, details: ErrorDetails, cause?: unknown) => CodedError;

/** The rows of a format's error table for these faults: `NRRD_TRUNCATED` and so on. */
export function faultRows<P extends string>(prefix: P): Record<`${P}_${DataFault}`, ErrorRow> {
  const rows: Record<DataFault, ErrorRow> = {
    NOT_FOUND: {
      message: 'there is no image file {file} that can be opened',
      hint: 'Check the path; a header with its voxels in other files needs them beside it under the names it gives.',
      status: 404,
    },
    TRUNCATED: {
      message: '{file} is truncated: it holds {found} bytes of voxels, its header tells of {expected}',
      hint: 'Copy or download the file again; if it is whole, the size or the type in the header is wrong.',
      status: 400,
    },
    WRONG_SIZE: {
      message: '{file} holds {found} bytes of voxels, its header tells of {expected}',
      hint: 'The size, the type or the offset in the header does not belong to this file.',
      status: 400,
    },
    CORRUPT: {
      message: '{file} is damaged: its voxels cannot be unpacked ({why})',
      hint: 'Copy or download the file again.',
      status: 400,
    },
    TOO_LARGE: {
      message: '{file} tells of {voxels} voxels, more than the limit of {limit}',
      hint: 'Check the size in the header, or crop the image.',
      status: 413,
    },
    UNSAFE_NAME: {
      message: '{file} keeps its voxels in {name}, which does not lie in its own folder',
      hint: 'Move the voxels into the folder of the header and name them without a path.',
      status: 415,
    },
  };
  return Object.fromEntries(Object.entries(rows).map(([fault, row]) => [`${prefix}_${fault}`, row])) as Record<
    `${P}_${DataFault}`,
    ErrorRow
  >;
}
