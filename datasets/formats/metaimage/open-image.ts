import { closeSync, openSync, readSync } from 'node:fs';
import { type Geometry, type Irc, type NumberArray, type Volume, type Voxels } from '../../volume';
import { decodeNumbers, numberTypes } from '../voxel-files';
import { elementTypes } from './element-types';
import { metaImageError } from './errors';
import { type LocatedImage, locateMetaImage, readMetaImage } from './read';

/** A scan on disk from which boxes of voxels are read without the rest of it. */
export interface OpenMetaImage {
  readonly geometry: Geometry;
  /**
   * The box of `size` voxels whose first is `first`, columns fastest, in Hounsfield units. Synchronous: a patch takes
   * a fraction of a millisecond where the file is in the page cache.
   *
   * @param first slice, row and column; the box may reach over any edge of the scan.
   * @param target takes the voxels, as many as the box has, and must be of a type that holds them;
   *   when left out a new array of a type that holds any value of the file's type.
   * @param padding what stands beyond the scan, HU.
   * @throws METAIMAGE_TRUNCATED where the file was cut after it was opened.
   */
  readRegion: (first: Irc, size: Irc, target?: Voxels, padding?: number) => Voxels;
  /** Gives the file back; safe to call again. */
  close: () => void;
}

/** Rows of a slice, the wanted columns of the first one at `at`, of the next `stride` later, … */
interface Rows {
  values: NumberArray;
  at: number;
  stride: number;
}

/** A way to get rows: `at` is the index in the scan of the first wanted voxel. */
interface RowSource {
  rows: (at: number, rows: number, columns: number) => Rows;
  /** Whether rows come together with the unwanted columns between them, or one by one. */
  together: boolean;
  Holder: new (length: number) => Voxels;
}

const AIR = -1000;

/** Rows of up to this many bytes are read together: copying so much from the page cache costs as a call to read does. */
const LONGEST_ROW_READ_WHOLE = 1 << 15;

/**
 * Opens a `.mhd` or `.mha` for reading boxes of voxels. Uncompressed voxels stay on disk and only the rows that a box
 * touches are read; compressed ones, and those in one file a slice, are read now and held in memory.
 *
 * ```ts
 * const scan = await openMetaImage('subset0/1.3.6.mhd');
 * const patch = scan.readRegion([100, 200, 200], [32, 48, 48], new Int16Array(32 * 48 * 48));
 * scan.close();
 * ```
 *
 * @throws CodedError of the METAIMAGE_… family: what was wrong and in which file.
 */
export async function openMetaImage(path: string): Promise<OpenMetaImage> {
  const located = await locateMetaImage(path);
  const { geometry } = located.header;
  if (located.header.compressed || located.stored.parts.length > 1) {
    const source = memorySource(await readMetaImage(path));
    return { geometry, readRegion: regionReader(geometry, source), close: () => undefined };
  }
  const { source, close } = diskSource(located);
  return { geometry, readRegion: regionReader(geometry, source), close };
}

function memorySource({ hu, size }: Volume): RowSource {
  return {
    rows: (at) => ({ values: hu, at, stride: size[2] }),
    together: true,
    Holder: hu.constructor as RowSource['Holder'],
  };
}

function diskSource({ header, stored }: LocatedImage): { source: RowSource; close: () => void } {
  const { path, offset } = stored.parts[0]!;
  const type = elementTypes[header.elementType];
  const { bytes: width, Holder } = numberTypes[type];
  const stride = header.geometry.size[2];
  let file: number | undefined = openSync(path, 'r');
  let bytes = new Uint8Array(0);
  let shorts = new Int16Array(0);

  const rows: RowSource['rows'] = (at, count, columns) => {
    const length = ((count - 1) * stride + columns) * width;
    if (bytes.length < length) {
      bytes = new Uint8Array(length + (length & 1));
      shorts = new Int16Array(bytes.buffer);
    }
    if (file === undefined) throw metaImageError('METAIMAGE_CLOSED', { file: path });
    readFully(file, bytes, length, offset + at * width, path);
    const plain = type === 'int16' && !header.bigEndian;
    const values = plain ? shorts : decodeNumbers(bytes.subarray(0, length), type, header.bigEndian);
    return { values, at: 0, stride };
  };
  const close = () => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };
  return { source: { rows, together: stride * width <= LONGEST_ROW_READ_WHOLE, Holder }, close };
}

function regionReader({ size: scan }: Geometry, source: RowSource): OpenMetaImage['readRegion'] {
  return (first, size, target, padding = AIR) => {
    const length = size[0] * size[1] * size[2];
    const into = target ?? new source.Holder(length);
    if (into.length !== length)
      throw metaImageError('METAIMAGE_TARGET_LENGTH', { found: into.length, expected: length });
    // The part of the box that lies in the scan.
    const [fromSlice, fromRow, fromColumn] = first.map((start) => Math.max(0, -start)) as unknown as Irc;
    const [toSlice, toRow, toColumn] = size.map((n, axis) => Math.min(n, scan[axis]! - first[axis]!)) as unknown as Irc;
    const [slices, rows, columns] = [toSlice - fromSlice, toRow - fromRow, toColumn - fromColumn];
    if (slices < size[0] || rows < size[1] || columns < size[2]) into.fill(padding);
    if (rows <= 0 || columns <= 0) return into;

    const block = source.together ? rows : 1;
    for (let slice = fromSlice; slice < toSlice; slice++) {
      for (let row = fromRow; row < toRow; row += block) {
        const at = ((first[0] + slice) * scan[1] + first[1] + row) * scan[2] + first[2] + fromColumn;
        copyRows(
          source.rows(at, block, columns),
          block,
          columns,
          into,
          (slice * size[1] + row) * size[2] + fromColumn,
          size[2],
        );
      }
    }
    return into;
  };
}

function copyRows(from: Rows, rows: number, columns: number, into: Voxels, at: number, stride: number): void {
  const { values } = from;
  for (let row = 0; row < rows; row++) {
    const source = from.at + row * from.stride;
    const target = at + row * stride;
    for (let i = 0; i < columns; i++) into[target + i] = values[source + i]!;
  }
}

function readFully(file: number, bytes: Uint8Array, length: number, position: number, path: string): void {
  let filled = 0;
  while (filled < length) {
    const got = readSync(file, bytes, filled, length - filled, position + filled);
    if (got === 0) throw metaImageError('METAIMAGE_TRUNCATED', { file: path, found: filled, expected: length });
    filled += got;
  }
}
