import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { type LocatedImage, decodeElements, digestMetaImage, locateMetaImage } from '../formats/metaimage';
import { thumbnailPng } from '../look';
import { fingerprintOf } from '../fingerprint';
import type { Geometry, Voxels } from '../volume';
import { checkError } from './errors';
import { HuHistogram, type HuSummary } from './hu-histogram';

/** What one reading of a scan tells. */
export interface ScanInspection {
  /** Of voxels and geometry, as in the manifest. */
  digest: string;
  /** Of the voxels alone (their histogram and middle slice): two scans with the same one differ in geometry at most. */
  voxelDigest: string;
  /** Of the values alone, as in the manifest. */
  fingerprint: string | null;
  geometry: Geometry;
  elementType: string;
  compressed: boolean;
  hu: HuSummary;
  /** Files that hold voxels, relative to the folder of the header. */
  dataFiles: string[];
  /** Numbers of the slices that hold one value only, counted from 0. */
  constantSlices: number[];
  /** The middle slice, as a PNG in base64. */
  thumbnail: string;
}

/** Slices of up to 8192 × 8192 are looked at; no CT is larger, and a damaged header must not take gigabytes. */
const LARGEST_SLICE = 2 ** 26;

/**
 * Reads a scan once, as a stream: digest, histogram, constant slices and the picture of its middle slice.
 *
 * @throws CodedError of the METAIMAGE_… family where it cannot be read; CHECK_SLICE_TOO_LARGE.
 */
export async function inspectScan(path: string): Promise<ScanInspection> {
  const located = await locateMetaImage(path);
  const { geometry, elementType, compressed } = located.header;
  const [slices, rows, columns] = geometry.size;
  if (rows * columns > LARGEST_SLICE) throw checkError('CHECK_SLICE_TOO_LARGE', { file: path, rows, columns });

  const histogram = new HuHistogram();
  const fingerprint = fingerprintOf();
  const constantSlices: number[] = [];
  let middle: Voxels = new Int16Array();
  const digest = await digestMetaImage(
    located,
    bySlice(located, (hu, slice) => {
      histogram.add(hu);
      fingerprint.add(hu);
      if (isConstant(hu)) constantSlices.push(slice);
      if (slice === slices >> 1) middle = hu.slice();
    }),
  );
  const hu = histogram.summarize();
  const [dx, dy] = geometry.spacingXyz;
  const voxelDigest = createHash('sha256')
    .update(JSON.stringify([geometry.size, hu, constantSlices]))
    .update(new Uint8Array(middle.buffer, middle.byteOffset, middle.byteLength))
    .digest('hex');
  const dataFiles = located.stored.parts.map((part) => relative(dirname(path), part.path));
  const thumbnail = thumbnailPng({ hu: middle, rows, columns, spacingXy: [dx, dy] }).toString('base64');
  return {
    digest,
    voxelDigest,
    fingerprint: fingerprint.digest(),
    geometry,
    elementType,
    compressed,
    hu,
    dataFiles,
    constantSlices,
    thumbnail,
  };
}

/** Gathers passing bytes into slices. The array that `onSlice` gets is valid during the call only. */
function bySlice(
  { header, stored }: LocatedImage,
  onSlice: (hu: Voxels, slice: number) => void,
): (bytes: Buffer) => void {
  const [slices] = header.geometry.size;
  const buffer = new Uint8Array(stored.voxelBytes / slices);
  let filled = 0;
  let slice = 0;
  return (bytes) => {
    let taken = 0;
    while (taken < bytes.length && slice < slices) {
      if (filled === 0 && bytes.length - taken >= buffer.length) {
        const whole = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset + taken, buffer.length);
        onSlice(decodeElements(whole, header.elementType, header.bigEndian), slice++);
        taken += buffer.length;
        continue;
      }
      const count = Math.min(buffer.length - filled, bytes.length - taken);
      buffer.set(bytes.subarray(taken, taken + count), filled);
      taken += count;
      filled += count;
      if (filled < buffer.length) return;
      onSlice(decodeElements(buffer, header.elementType, header.bigEndian), slice);
      filled = 0;
      slice++;
    }
  };
}

function isConstant(hu: Voxels): boolean {
  const first = hu[0]!;
  for (let i = 1; i < hu.length; i++) if (hu[i] !== first) return false;
  return true;
}
