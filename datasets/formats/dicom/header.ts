import { constants, inflateRawSync } from 'node:zlib';
import { type DataSet, parseDicom } from 'dicom-parser';
import type { ByteSource } from './byte-source';
import { dicomError } from './errors';

export const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
export const DEFLATED = '1.2.840.10008.1.2.1.99';
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2';
export const PIXEL_DATA = 'x7fe00010';

const FIRST_READ = 1 << 15;
/**
 * The header of an enhanced CT takes about 2 KiB a frame, far less than the frame. Parsed, a header of many small tags
 * takes some thirty times its length.
 */
const longestHeader = (fileBytes: number) => Math.min(Math.max(fileBytes / 8, 1 << 21), 1 << 23);
/** Of a deflated file, that may unpack to a thousand times its length. */
const LONGEST_UNPACKED = 1 << 23;

/** A file's tags up to its pixels. */
export interface DicomHeader {
  dataset: DataSet;
  transferSyntax: string;
  /** What to add to an offset of `dataset` to have one of the file: a preamble that the file lacks was put before it. */
  fileOffset: number;
  /** Where the packed part of a deflated file begins; offsets of `dataset` beyond it are those of the unpacked file. */
  deflatedFrom: number | undefined;
}

/**
 * Reads a file's tags and no more of it than they take. Undefined: it is no DICOM file, whether or not its name says so.
 *
 * Errors: `DICOM_DAMAGED`.
 */
export async function readHeader(source: ByteSource): Promise<DicomHeader | undefined> {
  const longest = longestHeader(source.size);
  for (let length = FIRST_READ; ; length = Math.min(length * 8, longest)) {
    const start = withPreamble(await source.read(0, length));
    if (!start) return undefined;
    const { header, failed } = parse(start);
    if (header && (header.dataset.elements[PIXEL_DATA] || hasNoImage(header.dataset))) return header;
    if (length < source.size && length < longest) continue;
    const why = failed ?? (header && overrun(header.dataset));
    if (header && !why) return header;
    throw dicomError('DICOM_DAMAGED', { file: source.name, why: why ?? 'its header does not end' });
  }
}

/** Tags of a file in memory, pixels left unread. Undefined: not DICOM. Errors: `DICOM_DAMAGED`. */
export function parseDicomHeader(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<DicomHeader | undefined> {
  const read = (start: number, end: number) => Promise.resolve(bytes.subarray(start, end));
  return readHeader({ name, size: bytes.length, read });
}

function parse({ bytes, fileOffset, bareSyntax }: Start): { header?: DicomHeader; failed?: string } {
  let deflatedFrom: number | undefined;
  const headerOf = (dataset: DataSet): DicomHeader => ({
    dataset,
    transferSyntax: bareSyntax ?? dataset.string('x00020010') ?? '',
    fileOffset,
    deflatedFrom,
  });
  try {
    const dataset = parseDicom(bytes, {
      untilTag: PIXEL_DATA,
      inflater: (packed, position) => {
        deflatedFrom = position;
        return inflateStart(packed, position);
      },
      ...(bareSyntax && { TransferSyntaxUID: bareSyntax }),
    });
    return { header: headerOf(dataset) };
  } catch (thrown) {
    // dicom-parser throws what it had read so far, or a text.
    const { dataSet, exception = thrown } = thrown as { dataSet?: DataSet; exception?: unknown };
    return { ...(dataSet && { header: headerOf(dataSet) }), failed: explain(exception) };
  }
}

function overrun({ elements, byteArray }: DataSet): string | undefined {
  const beyond = Object.values(elements).find(({ dataOffset, length }) => dataOffset + length > byteArray.length);
  return beyond && `the value of tag ${beyond.tag.slice(1)} reaches beyond its end`;
}

/** What dicom-parser threw, an error or a text that begins with the name of a function. */
export function explain(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).replace(/^dicomParser\S*\s*[-:]?\s*/, '');
}

/**
 * dicom-parser's way to hand over a deflated data set: the file with its packed part unpacked, here only as much of it
 * as a header may take.
 */
function inflateStart(bytes: Uint8Array, position: number): Uint8Array {
  for (let end = bytes.length; ; end = position + Math.floor((end - position) / 2)) {
    try {
      // What was read ends in the middle.
      const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: LONGEST_UNPACKED };
      return Buffer.concat([bytes.subarray(0, position), inflateRawSync(bytes.subarray(position, end), options)]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE' || end <= position + 1) throw error;
    }
  }
}

interface Start {
  bytes: Uint8Array<ArrayBuffer>;
  fileOffset: number;
  /** Of a file that has no preamble and no meta header. */
  bareSyntax?: string;
}

/** Knows a DICOM file by `DICM` at 128; or, where old software left that out, by its first tag. */
function withPreamble(bytes: Uint8Array<ArrayBuffer>): Start | undefined {
  const text = (start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString('latin1');
  if (text(128, 132) === 'DICM') return { bytes, fileOffset: 0 };
  if (bytes.length < 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const vr = text(4, 6);
  const isExplicit = /^(AE|AS|AT|CS|DA|DS|DT|IS|LO|LT|OB|PN|SH|ST|TM|UI|UL|UN|US)$/.test(vr);
  const group = view.getUint16(0, true);
  const element = view.getUint16(2, true);
  if (group === 0x0002 && element <= 0x0010 && isExplicit) {
    const whole = new Uint8Array(bytes.length + 132);
    whole.set(Buffer.from('DICM'), 128);
    whole.set(bytes, 132);
    return { bytes: whole, fileOffset: -132 };
  }
  if (group === 0x0008 && element <= 0x0018) {
    if (isExplicit) return { bytes, fileOffset: 0, bareSyntax: EXPLICIT_LITTLE };
    if (view.getUint32(4, true) <= 256) return { bytes, fileOffset: 0, bareSyntax: IMPLICIT_LITTLE };
  }
  if (view.getUint16(0) === 0x0008 && view.getUint16(2) <= 0x0018 && isExplicit)
    return { bytes, fileOffset: 0, bareSyntax: EXPLICIT_BIG };
  return undefined;
}

/** Kinds that never hold a scan, known before the file is read to its end. */
function hasNoImage(dataset: DataSet): boolean {
  const modality = dataset.string('x00080060');
  return modality !== undefined && NO_IMAGE.has(modality);
}

/** Modalities of objects that are no images of a scan (PS3.3 C.7.3.1.1.1). */
export const NO_IMAGE: ReadonlySet<string> = new Set([
  'RTSTRUCT',
  'RTPLAN',
  'RTRECORD',
  'RTDOSE',
  'RTSEGANN',
  'SR',
  'PR',
  'KO',
  'SEG',
  'REG',
  'DOC',
  'FID',
  'PLAN',
  'ANN',
  'AU',
  'ECG',
  'HD',
  'EPS',
  'RWV',
]);
