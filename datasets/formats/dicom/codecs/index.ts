import type { CodedError } from 'coded-error';
import { dicomError } from '../errors';
import { DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from '../header';
import type { ImageFile } from '../slices';
import { type StoredValues, storedValues } from '../stored-values';

const PLAIN = new Set([IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED]);

/** Pixels of one frame from what the file holds of it. Errors: `DICOM_UNSUPPORTED`, `DICOM_DAMAGED`. */
export async function decodeFrame(bytes: Uint8Array<ArrayBuffer>, file: ImageFile): Promise<StoredValues> {
  const unsupported = unsupportedSyntax(file);
  if (unsupported) throw unsupported;
  return Promise.resolve(storedValues(bytes, file));
}

export function unsupportedSyntax({ transferSyntax, source }: ImageFile): CodedError | undefined {
  if (PLAIN.has(transferSyntax)) return undefined;
  return dicomError('DICOM_UNSUPPORTED', {
    file: source.name,
    what: `transfer syntax ${transferSyntax}`,
    way: 'Convert the series, for example with `gdcmconv --raw` or `dcmconv` of DCMTK.',
  });
}
