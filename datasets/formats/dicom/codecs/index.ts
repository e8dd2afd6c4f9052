import type { CodedError } from 'coded-error';
import { dicomError } from '../errors';
import { DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from '../header';
import type { FrameCoding } from '../slices';
import { type StoredValues, lowBits, storedValues } from '../stored-values';
import { type Decode, decodeJpeg2000, decodeJpegLossless, decodeJpegLs } from './decoders';
import { decodeRle } from './rle';

const PLAIN = new Set([IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED]);
const RLE = '1.2.840.10008.1.2.5';

/** Transfer syntaxes (PS3.6 Annex A) and what decodes them. */
const DECODERS = new Map<string, Decode>([
  ['1.2.840.10008.1.2.4.57', decodeJpegLossless],
  ['1.2.840.10008.1.2.4.70', decodeJpegLossless],
  ['1.2.840.10008.1.2.4.80', decodeJpegLs],
  ['1.2.840.10008.1.2.4.81', decodeJpegLs],
  ['1.2.840.10008.1.2.4.90', decodeJpeg2000],
  ['1.2.840.10008.1.2.4.91', decodeJpeg2000],
]);

/** Pixels of one frame from what the file holds of it; `file` is what errors call it. Errors: `DICOM_DAMAGED`. */
export async function decodeFrame(
  bytes: Uint8Array<ArrayBuffer>,
  coding: FrameCoding,
  file: string,
): Promise<StoredValues> {
  const { transferSyntax, layout } = coding;
  try {
    if (transferSyntax === RLE) return storedValues(decodeRle(bytes, layout), coding);
    const decode = DECODERS.get(transferSyntax);
    return decode ? lowBits(await decode(bytes, layout), layout) : storedValues(bytes, coding);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw dicomError('DICOM_DAMAGED', { file, why }, cause);
  }
}

/** Whether decoding a slice takes much longer than reading it: JPEG 2000, about 60 ms; the others 10 to 20. */
export function isSlowToDecode({ transferSyntax }: FrameCoding): boolean {
  return DECODERS.get(transferSyntax) === decodeJpeg2000;
}

export function unsupportedSyntax(
  { transferSyntax }: FrameCoding,
  file: string,
  inFragments: boolean,
): CodedError | undefined {
  const isSupported = inFragments ? transferSyntax === RLE || DECODERS.has(transferSyntax) : PLAIN.has(transferSyntax);
  if (isSupported) return undefined;
  return dicomError('DICOM_UNSUPPORTED', {
    file,
    what: `transfer syntax ${transferSyntax || '(none)'} with ${inFragments ? 'compressed' : 'plain'} pixels`,
    way: 'Convert the series, for example with `gdcmconv --raw`, or `dcmdjpeg` of DCMTK for lossy JPEG.',
  });
}
