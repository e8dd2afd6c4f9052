import { type CodedError, isCodedError } from 'coded-error';
import { dicomError } from '../errors';
import { DEFLATED, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE } from '../header';
import type { ImageFile } from '../slices';
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

/** Pixels of one frame from what the file holds of it. Errors: `DICOM_UNSUPPORTED`, `DICOM_DAMAGED`. */
export async function decodeFrame(bytes: Uint8Array<ArrayBuffer>, file: ImageFile): Promise<StoredValues> {
  const { transferSyntax, layout, source } = file;
  const unsupported = unsupportedSyntax(file);
  if (unsupported) throw unsupported;
  if (PLAIN.has(transferSyntax)) return storedValues(bytes, file);
  try {
    if (transferSyntax === RLE) return storedValues(decodeRle(bytes, layout), file);
    return lowBits(await DECODERS.get(transferSyntax)!(bytes, layout), layout);
  } catch (cause) {
    if (isCodedError(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw dicomError('DICOM_DAMAGED', { file: source.name, why }, cause);
  }
}

/** Decoding takes much longer than reading. */
export function isCompressed({ transferSyntax }: ImageFile): boolean {
  return DECODERS.has(transferSyntax);
}

export function unsupportedSyntax({ transferSyntax, pixels, source }: ImageFile): CodedError | undefined {
  const isPlain = PLAIN.has(transferSyntax);
  const isFragmented = pixels.length === undefined;
  if ((isPlain && !isFragmented) || ((transferSyntax === RLE || DECODERS.has(transferSyntax)) && isFragmented))
    return undefined;
  return dicomError('DICOM_UNSUPPORTED', {
    file: source.name,
    what: `transfer syntax ${transferSyntax || '(none)'} with ${isFragmented ? 'compressed' : 'plain'} pixels`,
    way: 'Convert the series, for example with `gdcmconv --raw`, or `dcmdjpeg` of DCMTK for lossy JPEG.',
  });
}
