import { inflateRawSync } from 'node:zlib';
import { trainingError } from '../errors';
import type { NamedArray, NamedArrays } from '../models';

const END_OF_CENTRAL_DIRECTORY = 0x06054b50;
const CENTRAL_ENTRY = 0x02014b50;
const [STORED, DEFLATED] = [0, 8];

/**
 * The float32 arrays of a NumPy archive, by name without `.npy`; arrays of other types (a counter, say) are left out.
 * A ZIP as in PKWARE's APPNOTE 6.3.10 §4.3, members as in NumPy's format documentation (NEP 1).
 * Fails with TRAINING_NPZ_INVALID.
 */
export function readNpz(bytes: Uint8Array): NamedArrays {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const arrays: NamedArrays = {};
    for (const { name, content } of zipMembers(zip)) {
      const array = parseNpy(content, name);
      if (array) arrays[name.replace(/\.npy$/, '')] = array;
    }
    return arrays;
  } catch (cause) {
    // Offsets in a damaged archive point anywhere: Buffer's range checks then speak.
    if ((cause as Error).name === 'RangeError') throw invalid('its directory points outside the file', cause);
    throw cause;
  }
}

function* zipMembers(zip: Buffer): Generator<{ name: string; content: Buffer }> {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || zip.readUInt32LE(end) !== END_OF_CENTRAL_DIRECTORY) throw invalid('it is not a ZIP archive');
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(entry) !== CENTRAL_ENTRY) throw invalid('its directory is damaged');
    const method = zip.readUInt16LE(entry + 10);
    const size = zip.readUInt32LE(entry + 20);
    const nameLength = zip.readUInt16LE(entry + 28);
    const name = zip.toString('utf8', entry + 46, entry + 46 + nameLength);
    const local = zip.readUInt32LE(entry + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    if (start + size > zip.length) throw invalid(`${name} is cut off`);
    yield { name, content: unpack(zip.subarray(start, start + size), method, name) };
    entry += 46 + nameLength + zip.readUInt16LE(entry + 30) + zip.readUInt16LE(entry + 32);
  }
}

function unpack(packed: Buffer, method: number, name: string): Buffer {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw invalid(`${name} is packed by method ${method}`);
  try {
    return inflateRawSync(packed);
  } catch (cause) {
    throw invalid(`${name} cannot be unpacked`, cause);
  }
}

/** Undefined for an array that is not float32. */
function parseNpy(npy: Buffer, name: string): NamedArray | undefined {
  if (npy.toString('latin1', 0, 6) !== '\x93NUMPY') throw invalid(`${name} is not a NumPy array`);
  const isVersion1 = npy.readUInt8(6) === 1;
  const start = isVersion1 ? 10 : 12;
  const end = start + (isVersion1 ? npy.readUInt16LE(8) : npy.readUInt32LE(8));
  const header = npy.toString('latin1', start, end);
  if (!header.includes("'descr': '<f4'")) return undefined;
  if (header.includes("'fortran_order': True")) throw invalid(`${name} is in Fortran order`);
  const dimensions = /'shape': \(([\d, ]*)\)/.exec(header)?.[1];
  if (dimensions === undefined) throw invalid(`${name} has no shape`);
  const shape = dimensions
    .split(',')
    .filter((text) => text.trim() !== '')
    .map(Number);
  const size = shape.reduce((a, b) => a * b, 1);
  if (end + 4 * size > npy.length) throw invalid(`${name} is cut off`);
  return { shape, data: new Float32Array(npy.buffer.slice(npy.byteOffset + end, npy.byteOffset + end + 4 * size)) };
}

function invalid(reason: string, cause?: unknown) {
  return trainingError('TRAINING_NPZ_INVALID', { reason }, cause);
}
